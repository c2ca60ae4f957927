/** What surrounds the stage. Its code comes when the stage moves; until then empty frames stand in its place. */
import { lazy, Suspense, type ComponentType, type ReactElement } from 'react'
import { whenMoving } from '../model/moving.ts'
import { Frame, ShareFrame, StageFrame } from './frames.tsx'
import type * as Regions from './regions.ts'

/** @param fallback what stands in its place until it is there */
export function late(load: () => Promise<ComponentType>, fallback: ReactElement | null): () => ReactElement {
  const Component = lazy(async () => {
    await whenMoving()
    return { default: await load() }
  })
  return function Late() {
    return (
      <Suspense fallback={fallback}>
        <Component />
      </Suspense>
    )
  }
}

const region = (name: keyof typeof Regions, fallback: ReactElement | null): (() => ReactElement) =>
  late(async () => (await import('./regions.ts'))[name] as ComponentType, fallback)

export const Console = region('Console', <Frame title="Console" />)
export const Inspector = region('Inspector', <Frame title="Inspector" />)
export const ShareButtons = region('ShareButtons', <ShareFrame />)
export const Stack = region('Stack', <Frame title="Stack" />)
export const StageEmpty = region('StageEmpty', <StageFrame />)
export const Timeline = region('Timeline', <Frame title="Timeline" />)
export const Dialogs = region('Dialogs', null)
export const FileDrop = region('FileDrop', null)
export const Keys = region('Keys', null)
export const Legend = region('Legend', <footer className="legend" />)
export const LinkedHover = region('LinkedHover', null)
export const LiveAccount = region('LiveAccount', null)
export const Notices = region('Notices', null)
export const PastBanner = region('PastBanner', null)
export const ScriptProgress = region('ScriptProgress', null)
