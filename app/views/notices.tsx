import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { clock, count } from '../draw/format.ts'
import { linkStore } from '../model/link_store.ts'
import { machineStore } from '../model/machine_store.ts'
import { troubleStore } from '../model/trouble_store.ts'
import { NewVersion } from './new_version.tsx'
import { AfreshWay, HeldNotice, Notice, PowerOnWay, StoreNotices, TroubleNotice } from './trouble_notice.tsx'

/** What a person has to know before anything else: where the bytes are, who has the machine, what went wrong. */
export function Notices(): ReactElement {
  return (
    <>
      <Foremost />
      <NewVersion />
    </>
  )
}

function Foremost(): ReactElement | null {
  const condition = useStore(machineStore, (state) => state.condition)
  const storage = useStore(machineStore, (state) => state.storage)
  const storageTrouble = useStore(machineStore, (state) => state.storageTrouble)
  const message = useStore(machineStore, (state) => state.trouble)
  const failure = useStore(machineStore, (state) => state.failure)
  const hasLink = useStore(linkStore, (state) => state.link.kind !== 'none')
  const trouble = useStore(troubleStore, (state) => state.trouble)
  const isHeld = useStore(troubleStore, (state) => state.isHeld)
  if (trouble) return <TroubleNotice trouble={trouble} />
  const ways = (
    <>
      <PowerOnWay />
      <AfreshWay />
    </>
  )
  if (failure) {
    const title =
      failure.kind === 'storage' ? 'The browser’s storage failed.' : 'The machine stopped: a mistake of ours.'
    return (
      <Notice isDanger title={title} ways={ways}>
        <span>{failure.message}</span>
        <span className="mono">
          seed {failure.seed} · {clock(failure.time)} · step {count(failure.steps)}
        </span>
      </Notice>
    )
  }
  if (condition === 'failed') {
    return (
      <Notice isDanger title="The machine could not be started." ways={ways}>
        <span>{message}</span>
      </Notice>
    )
  }
  if (isHeld) return <HeldNotice />
  // Of a link's machine it is said elsewhere.
  if (storage === 'memory' && condition === 'running' && !hasLink) {
    return (
      <Notice isStatus title="The disks are in memory.">
        <span>{storageTrouble || 'They are gone when this tab is closed.'}</span>
      </Notice>
    )
  }
  return <StoreNotices />
}
