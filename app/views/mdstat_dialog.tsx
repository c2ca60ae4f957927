import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { machineStore } from '../model/machine_store.ts'
import { twinMachineStore, twinStore } from '../model/twin_store.ts'
import { Dialog, DialogTitle } from './dialog.tsx'

/** The text of /proc/mdstat, as it is now. */
export function MdstatDialog(): ReactElement {
  const mdstat = useStore(machineStore, (state) => state.scene.mdstat)
  const isCompared = useStore(twinStore, (state) => state.isThere)
  const other = useStore(twinMachineStore, (state) => state.scene.mdstat)
  return (
    <Dialog label="/proc/mdstat">
      <DialogTitle>/proc/mdstat</DialogTitle>
      {isCompared && <h3 className="panel-title mdstat-side">Left</h3>}
      <pre className="mdstat">{mdstat || 'The power is off.'}</pre>
      {isCompared && (
        <>
          <h3 className="panel-title mdstat-side">Right</h3>
          <pre className="mdstat">{other || 'The power is off.'}</pre>
        </>
      )}
    </Dialog>
  )
}
