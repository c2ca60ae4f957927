import { useEffect, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { importStore } from '../model/import_store.ts'
import { takeFile } from '../model/take_file.ts'
import { scriptStore, stopScript } from '../model/script_runner.ts'
import { takeImages } from '../model/link_images.ts'
import { linkStore } from '../model/link_store.ts'
import { ActionButton } from './action_button.tsx'

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

/** Takes files that are dropped anywhere on the page, and says so while one is held over it. */
export function FileDrop(): ReactElement | null {
  const isDragging = useStore(importStore, (state) => state.isDragging)
  useEffect(() => {
    const set = (value: boolean): void => {
      if (importStore.getState().isDragging !== value) importStore.setState({ isDragging: value })
    }
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      set(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) set(false)
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      set(false)
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length === 0) return
      if (linkStore.getState().link.kind === 'images') void takeImages(files)
      else void takeFile(files[0])
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [])
  if (!isDragging) return null
  return (
    <div className="file-drop" aria-hidden="true">
      <p>Drop a disk image or a script</p>
    </div>
  )
}

/** How far a script is that is being typed, and a way to end it. */
export function ScriptProgress(): ReactElement | null {
  const run = useStore(scriptStore, (state) => state.run)
  if (!run) return null
  return (
    <div className="notice" role="status">
      <strong>{run.name}</strong>
      <span className="number">
        command {run.at} of {run.of}
      </span>
      <ActionButton className="button-small" hint="The line under way goes on; no more are typed" onClick={stopScript}>
        Stop typing
      </ActionButton>
    </div>
  )
}
