import { useState, type ReactElement, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { startAfresh } from '../model/actions.ts'
import { machineStore } from '../model/machine_store.ts'
import { dismissNotices, troubleStore, type Trouble } from '../model/trouble_store.ts'
import { goInMemory, goOnInMemory, openMoment, powerOnAgain, takeOver, writeBack } from '../model/ways_on.ts'
import { ActionButton } from './action_button.tsx'

/** What has to be said before anything else, and what can be done about it. */
export function Notice({
  title,
  isDanger = false,
  isStatus = false,
  ways,
  children,
}: {
  title: string
  isDanger?: boolean
  /** It can wait until the reader is at ease. */
  isStatus?: boolean
  ways?: ReactNode
  children?: ReactNode
}): ReactElement {
  return (
    <div className={`notice ${isDanger ? 'notice-danger' : ''}`} role={isStatus ? 'status' : 'alert'}>
      <strong>{title}</strong>
      {children}
      {ways && <span className="notice-ways">{ways}</span>}
    </div>
  )
}

function Way({ hint, act, children }: { hint: string; act: () => void; children: string }): ReactElement {
  return (
    <ActionButton className="button-small" hint={hint} onClick={act}>
      {children}
    </ActionButton>
  )
}

export function AfreshWay(): ReactElement {
  return (
    <Way hint="Erases this machine and its disks, and makes the first one anew" act={startAfresh}>
      Start afresh
    </Way>
  )
}

export function PowerOnWay(): ReactElement {
  return (
    <Way hint="A new kernel on the same disks; the boot script runs" act={powerOnAgain}>
      Power on again
    </Way>
  )
}

const MemoryWay = (): ReactElement => (
  <Way hint="Another machine, gone with this tab; the stored one stays as it is" act={goInMemory}>
    Use one in memory
  </Way>
)

/** What the address holds besides the name of the machine that the other tab has. */
const MomentWay = ({ isThere }: { isThere: boolean }): ReactElement => (
  <ActionButton
    className="button-small"
    hint="What the address stands for, at its very step, on disks in memory; nothing happens to the other tab"
    refusal={
      isThere
        ? undefined
        : 'More was typed than an address can hold: it only names the machine. The other tab can export its recording as a file.'
    }
    onClick={openMoment}
  >
    Open this moment in memory
  </ActionButton>
)

/** Gives the browser once more what it did not take. @param said is told why it still does not, or null */
function WriteBackWay({ said }: { said: (refusal: string | null) => void }): ReactElement {
  const [isTrying, setTrying] = useState(false)
  const retry = async (): Promise<void> => {
    setTrying(true)
    const refusal = await writeBack()
    setTrying(false)
    said(refusal)
  }
  return (
    <ActionButton
      className="button-small"
      hint="Give the browser once more what it did not take: make room first"
      refusal={isTrying ? 'It is being tried.' : undefined}
      onClick={() => void retry()}
    >
      Try again
    </ActionButton>
  )
}

const SaveWay = (): ReactElement => (
  <Way
    hint="All disks as they are now, and the recording, as one archive"
    act={() => void import('../model/export_files.ts').then(({ exportDisks }) => exportDisks())}
  >
    Save the disks
  </Way>
)

/** What has been written since the browser refused is in memory only. */
export function HeldNotice(): ReactElement {
  const [refusal, setRefusal] = useState<string | null>(null)
  return (
    <Notice
      isStatus
      title="The disks are in memory since the browser refused a write."
      ways={
        <>
          <WriteBackWay said={setRefusal} />
          <SaveWay />
        </>
      }
    >
      <span>
        {refusal === null ? '' : `It still says: ${refusal}. `}The next visit would find them as they were at that
        moment.
      </span>
    </Notice>
  )
}

function Full({ reason }: { reason: string }): ReactElement {
  const [refusal, setRefusal] = useState<string | null>(null)
  return (
    <Notice
      isDanger
      title="The browser takes no more bytes."
      ways={
        <>
          <WriteBackWay said={setRefusal} />
          <SaveWay />
          <Way hint="What is written from now on is gone with this tab" act={goOnInMemory}>
            Go on in memory
          </Way>
        </>
      }
    >
      <span>
        It says: {refusal ?? reason}. The machine pauses. Nothing is lost: what it has written since is in memory. The
        next visit would find the disks as they were a moment ago, as after a power cut.
      </span>
    </Notice>
  )
}

function Damaged({ message }: { message: string }): ReactElement {
  const [refusal, setRefusal] = useState<string | null>(null)
  return (
    <Notice
      isDanger
      title="The stored machine cannot be opened."
      ways={
        <>
          <Way
            hint="The files as they are, as one archive: images of the disks, and the description"
            act={() => void import('../model/rescue.ts').then(({ saveDiskFiles }) => saveDiskFiles()).then(setRefusal)}
          >
            Save its files
          </Way>
          <MemoryWay />
          <AfreshWay />
        </>
      }
    >
      <span>{message} Its files are untouched.</span>
      {refusal !== null && <span>They could not be saved: {refusal}</span>}
    </Notice>
  )
}

function Dead({ message }: { message: string }): ReactElement {
  const isInMemory = useStore(machineStore, (state) => state.storage === 'memory')
  const isHeld = useStore(troubleStore, (state) => state.isHeld)
  const disks = isInMemory
    ? 'Its disks were in memory, and are gone.'
    : isHeld
      ? 'Its disks are as they were when the browser refused a write; what came later is gone.'
      : 'Its disks are as they were at that moment.'
  return (
    <Notice
      isDanger
      title="The worker that ran the machine has died."
      ways={
        <>
          <PowerOnWay />
          <AfreshWay />
        </>
      }
    >
      <span className="mono">{message}</span>
      <span>For the machine, that was a power cut. {disks}</span>
    </Notice>
  )
}

/** What stands between a person and the machine. */
export function TroubleNotice({ trouble }: { trouble: Trouble }): ReactElement {
  switch (trouble.kind) {
    case 'locked':
      return (
        <Notice
          title="Another tab of this browser has the machine."
          ways={
            <>
              <Way hint="A power cut there; here the machine starts from its disks" act={takeOver}>
                Take over
              </Way>
              {trouble.address !== 'empty' && <MomentWay isThere={trouble.address === 'moment'} />}
              <MemoryWay />
            </>
          }
        >
          <span>
            {trouble.message} To take it over is a power cut there. When that tab is closed, this one goes on by itself.
          </span>
        </Notice>
      )
    case 'taken':
      return (
        <Notice
          title="Another tab has taken the machine over."
          ways={
            <>
              <Way hint="A power cut there; here the machine starts from its disks" act={takeOver}>
                Take it back
              </Way>
              <MemoryWay />
            </>
          }
        >
          <span>Here, that was a power cut. What you see is the last moment before it.</span>
        </Notice>
      )
    case 'damaged':
      return <Damaged message={trouble.message} />
    case 'dead':
      return <Dead message={trouble.message} />
    case 'silent':
      return (
        <Notice title="The machine does not answer." ways={<PowerOnWay />}>
          <span>It may be busy with something long. To power on again ends that: a power cut.</span>
        </Notice>
      )
    case 'full':
      return <Full reason={trouble.reason} />
  }
}

/** What the store could not keep, or did not find. */
export function StoreNotices(): ReactElement | null {
  const notices = useStore(troubleStore, (state) => state.notices)
  const dismissed = useStore(troubleStore, (state) => state.dismissed)
  const unread = notices.slice(dismissed)
  if (unread.length === 0) return null
  return (
    <Notice
      isStatus
      title="The disks:"
      ways={
        <>
          <Way hint="The machine goes on; the notice is put away" act={dismissNotices}>
            Go on
          </Way>
          <AfreshWay />
        </>
      }
    >
      {unread.map((notice) => (
        <span key={notice}>{notice}</span>
      ))}
    </Notice>
  )
}
