import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { sectorBytes } from '../draw/format.ts'
import type * as ExportFiles from '../model/export_files.ts'
import type { DiskScene } from '../model/machine_scene.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { importStore } from '../model/import_store.ts'
import { useShownArray } from '../model/shown.ts'
import { CopyLink, copyLink, useLinkRefusal } from './copy_link.tsx'
import { Menu } from './menu.tsx'

export interface FileAction {
  readonly label: string
  /** What comes of it. */
  readonly line: string
  readonly refusal?: string | undefined
  onSelect(): void
}

/** Nothing of what makes files is loaded before somebody wants one. */
function withFiles(act: (files: typeof ExportFiles) => void): () => void {
  return () => void import('../model/export_files.ts').then(act)
}

/** More disks than this are offered together only, and one by one in the palette. */
const DISKS_LISTED = 6

/**
 * What can be taken out of the page as a file, and brought in.
 * @param listed the most disks that are offered one by one
 * @param noLink why there is none
 */
export function fileActions(
  disks: readonly DiskScene[],
  hasArray: boolean,
  isReady: boolean,
  listed = Infinity,
  noLink?: string,
  isPlaying = false,
): readonly FileAction[] {
  const starting = isReady ? undefined : 'There is no machine on this page.'
  const noStage = starting ?? (hasArray ? undefined : 'There is no array on the stage.')
  const noDisk = starting ?? (disks.length > 0 ? undefined : 'There is no disk.')
  return [
    { label: 'Copy link', line: 'to this very moment, for anybody', refusal: noLink, onSelect: copyLink },
    {
      label: 'Stage as a picture',
      line: 'SVG, to be scaled and edited',
      refusal: noStage,
      onSelect: withFiles((files) => files.exportSvg()),
    },
    {
      label: 'Stage as a picture in dots',
      line: 'PNG, at twice the size',
      refusal: noStage,
      onSelect: withFiles((files) => files.exportPng()),
    },
    {
      label: 'The last steps as a moving picture',
      line: 'GIF, 40 disk I/Os at most, up to this moment',
      refusal: noStage ?? (isPlaying ? 'Pause first: it goes through the steps before this one.' : undefined),
      onSelect: withFiles((files) => files.exportGif()),
    },
    {
      label: 'Recording',
      line: '.lab: every line with its instant',
      refusal: starting,
      onSelect: withFiles((files) => files.exportRecording()),
    },
    {
      label: 'Trace',
      line: 'JSON that ui.perfetto.dev opens',
      refusal: starting,
      onSelect: withFiles((files) => files.exportTrace()),
    },
    {
      label: 'All disks',
      line: 'ZIP: their media, and the recording',
      refusal: noDisk,
      onSelect: withFiles((files) => files.exportDisks()),
    },
    {
      label: 'Disks as the recording began',
      line: 'ZIP: what a link to it asks for',
      refusal: noDisk,
      onSelect: withFiles((files) => files.exportBeginning()),
    },
    ...(disks.length > listed ? [] : disks).map(({ name, sectors }) => ({
      label: `Disk ${name}`,
      line: `${name}.img, ${sectorBytes(sectors)}: its medium, without its cache`,
      refusal: starting,
      onSelect: withFiles((files) => files.exportDisk(name)),
    })),
    {
      label: 'Bring in a disk image or a script…',
      line: 'or drop the file on the page',
      refusal: starting,
      onSelect: () => {
        importStore.setState({ file: undefined })
        pageStore.getState().openDialog('import')
      },
    },
  ]
}

/** The actions on files as they are now. */
export function useFileActions(listed?: number): readonly FileAction[] {
  const disks = useStore(machineStore, (state) => state.scene.disks)
  const isReady = useStore(machineStore, (state) => state.condition === 'running')
  const hasArray = useShownArray() !== undefined
  const isPlaying = useStore(machineStore, (state) => state.isPlaying)
  return fileActions(disks, hasArray, isReady, listed, useLinkRefusal(), isPlaying)
}

/** The header's ways out of the page: a link, and the menu of files. */
export function ShareButtons(): ReactElement {
  return (
    <>
      <CopyLink />
      <Menu label="Share: export and import" entries={useFileActions(DISKS_LISTED)}>
        Share
      </Menu>
    </>
  )
}
