import { lazy, Suspense, useState, type ReactElement } from 'react'
import { Group, Panel as Pane, Separator } from 'react-resizable-panels'
import { useStore } from 'zustand'
import { pageStore } from '../model/page_store.ts'
import { Console } from './console.tsx'
import { FileDrop, ScriptProgress } from './file_drop.tsx'
import { KeysDialog } from './keys_dialog.tsx'
import { LiveAccount } from './live_account.tsx'
import { MdstatDialog } from './mdstat_dialog.tsx'
import { Notices } from './notices.tsx'
import { Stack } from './stack.tsx'
import { InspectorColumn, StageArea } from './stage_area.tsx'
import { StageDefs } from './stage_defs.tsx'
import { Tabs } from './tabs.tsx'
import { Timeline } from './timeline.tsx'
import { Transport } from './transport.tsx'
import { useKeys } from './use_keys.ts'
import { useLinkedHover } from './use_linked_hover.ts'
import { useMedia } from './use_media.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const CutDialog = lazy(async () => ({ default: (await import('./cut_dialog.tsx')).CutDialog }))
const WorkloadDialog = lazy(async () => ({ default: (await import('./workload_dialog.tsx')).WorkloadDialog }))
const CompareDialog = lazy(async () => ({ default: (await import('./compare_dialog.tsx')).CompareDialog }))
const ImportDialog = lazy(async () => ({ default: (await import('./import_dialog.tsx')).ImportDialog }))

/** Below this, regions are tabs: also what a page magnified four times is. */
const NARROW = '(max-width: 899px), (max-height: 479px)'

function Wide(): ReactElement {
  const [isWide] = useState(() => innerWidth > 1180)
  return (
    <Group orientation="horizontal" className="page-panels" id="page">
      <Pane id="main" minSize="50%">
        <Group orientation="vertical" id="main-rows">
          <Pane id="upper" minSize="160px">
            <Group orientation="horizontal" id="upper-columns">
              <Pane
                id="stack"
                defaultSize={isWide ? '224px' : '190px'}
                minSize="150px"
                maxSize="420px"
                collapsible
                groupResizeBehavior="preserve-pixel-size"
              >
                <Stack />
              </Pane>
              <Separator className="separator" aria-label="Width of the stack" />
              <Pane id="stage" minSize="260px">
                <StageArea />
              </Pane>
            </Group>
          </Pane>
          <Separator className="separator" aria-label="Height of the stage" />
          <Pane
            id="lower"
            defaultSize={innerHeight > 980 ? '270px' : innerHeight > 820 ? '228px' : '160px'}
            minSize="110px"
            collapsible
            groupResizeBehavior="preserve-pixel-size"
          >
            <Group orientation="horizontal" id="lower-columns">
              <Pane id="timeline" defaultSize="56%" minSize="160px" collapsible>
                <Timeline />
              </Pane>
              <Separator className="separator" aria-label="Width of the timeline" />
              <Pane id="console" minSize="220px">
                <Console />
              </Pane>
            </Group>
          </Pane>
        </Group>
      </Pane>
      <Separator className="separator" aria-label="Width of the inspector" />
      <Pane
        id="inspector"
        defaultSize={isWide ? '312px' : '240px'}
        minSize="200px"
        maxSize="600px"
        collapsible
        groupResizeBehavior="preserve-pixel-size"
      >
        <InspectorColumn />
      </Pane>
    </Group>
  )
}

function Dialogs(): ReactElement | null {
  switch (useStore(pageStore, (state) => state.dialog)) {
    case 'palette':
      return (
        <Suspense>
          <Palette />
        </Suspense>
      )
    case 'keys':
      return <KeysDialog />
    case 'mdstat':
      return <MdstatDialog />
    case 'cut':
      return (
        <Suspense>
          <CutDialog />
        </Suspense>
      )
    case 'workloads':
      return (
        <Suspense>
          <WorkloadDialog />
        </Suspense>
      )
    case 'compare':
      return (
        <Suspense>
          <CompareDialog />
        </Suspense>
      )
    case 'import':
      return (
        <Suspense>
          <ImportDialog />
        </Suspense>
      )
    case undefined:
      return null
  }
}

export function Page(): ReactElement {
  useKeys()
  useLinkedHover()
  const isNarrow = useMedia(NARROW)
  return (
    <div className={isNarrow ? 'page page-narrow' : 'page'}>
      <svg width="0" height="0" className="unseen" aria-hidden="true">
        <StageDefs />
      </svg>
      <Transport />
      <Notices />
      <ScriptProgress />
      <main className="page-main">{isNarrow ? <Tabs /> : <Wide />}</main>
      <LiveAccount />
      <Dialogs />
      <FileDrop />
    </div>
  )
}
