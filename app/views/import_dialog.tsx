import { useId, useState, type ReactElement } from 'react'
import { useStore } from 'zustand'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'
import { bytes as byteWords, plural } from '../draw/format.ts'
import { enginePort } from '../model/engine.ts'
import { diskNameTrouble, freeDiskName, type ImportedImage, type ImportedScript } from '../model/import_file.ts'
import { importStore } from '../model/import_store.ts'
import { chooseFile } from '../model/take_file.ts'
import { machineStore } from '../model/machine_store.ts'
import { pageStore } from '../model/page_store.ts'
import { runScript } from '../model/script_runner.ts'
import { ActionButton } from './action_button.tsx'
import { Dialog, DialogTitle } from './dialog.tsx'
import { Segments } from './segments.tsx'

const MODELS: readonly (readonly [DiskModelName, string])[] = [
  ['ideal', 'ideal'],
  ['ssd', 'ssd'],
  ['hdd', 'hdd'],
]

function close(): void {
  importStore.setState({ file: undefined })
  pageStore.getState().closeDialog()
}

function ImageForm({ image }: { image: ImportedImage }): ReactElement {
  const disks = useStore(machineStore, (state) => state.scene.disks)
  const [typed, setTyped] = useState<string>()
  const [model, setModel] = useState<DiskModelName>('ssd')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const name = typed ?? freeDiskName(disks.map((disk) => disk.name))
  const trouble = diskNameTrouble(name)
  const replaced = disks.find((disk) => disk.name === name)
  const id = useId()
  const bringIn = (): void => {
    setBusy(true)
    // The worker gets the bytes for good: what is shown here is a copy.
    Promise.resolve(enginePort()?.importDisk(name, image.bytes.slice(), model)).then(close, (error: unknown) => {
      setBusy(false)
      setFailure(error instanceof Error ? error.message : String(error))
    })
  }
  return (
    <>
      <div className="dialog-part import-part">
        <p>
          <b>{image.name}</b>: a disk image of {byteWords(image.bytes.length)},{' '}
          {plural(image.bytes.length / 512, 'sector')}.
        </p>
        <div className="form-row">
          <label htmlFor={id}>as disk</label>
          <input
            id={id}
            className="text-field mono"
            size={8}
            value={name}
            list={`${id}-names`}
            aria-invalid={trouble !== undefined}
            onChange={(event) => setTyped(event.target.value.trim())}
          />
          <datalist id={`${id}-names`}>
            {disks.map((disk) => (
              <option key={disk.name} value={disk.name} />
            ))}
          </datalist>
          <Segments legend="model" options={MODELS} value={model} onChange={setModel} />
        </div>
        {trouble !== undefined && <p className="dialog-trouble">{trouble}</p>}
        {replaced && (
          <p className="dialog-trouble">It takes the place of {name}, whose bytes are lost: export them first.</p>
        )}
        <p className="dialog-note">
          The machine then starts again from its disks, as after a power cut that loses the caches, and runs its boot
          script. The recording so far ends there.
        </p>
        {failure !== '' && (
          <p className="dialog-trouble" role="alert">
            {failure}
          </p>
        )}
      </div>
      <footer className="dialog-foot">
        <ActionButton onClick={close}>Not now</ActionButton>
        <ActionButton
          className="button-solid"
          refusal={trouble ?? (isBusy ? 'It is being brought in.' : undefined)}
          onClick={bringIn}
        >
          {replaced ? `Replace ${name}` : `Bring in as ${name}`}
        </ActionButton>
      </footer>
    </>
  )
}

type Where = 'here' | 'anew'

const WHERES: readonly (readonly [Where, string])[] = [
  ['here', 'on this machine'],
  ['anew', 'on a new, empty machine'],
]

function ScriptForm({ script }: { script: ImportedScript }): ReactElement {
  const { name, units, seed, isRecording, disks } = script
  const [where, setWhere] = useState<Where>(isRecording || seed !== undefined ? 'anew' : 'here')
  const [keepGoing, setKeepGoing] = useState(isRecording)
  const isAnew = where === 'anew'
  return (
    <>
      <div className="dialog-part import-part">
        <p>
          <b>{name}</b>: {isRecording ? 'a recording' : 'a script'} of {plural(units.length, 'command')}
          {seed === undefined ? '' : `, seed ${seed}`}. Nothing has been typed yet.
        </p>
        <pre className="import-preview scroll" tabIndex={0} role="region" aria-label="The lines that would be typed">
          {units.join('\n')}
        </pre>
        <Segments legend="Type it" options={WHERES} value={where} onChange={setWhere} />
        {isAnew && (
          <p className="dialog-trouble">This machine and its disks are erased first. Export what you want to keep.</p>
        )}
        {isAnew && disks.length > 0 && (
          <p className="dialog-trouble">
            The recording began with disks whose bytes are not in it ({disks.join(', ')}): without their images its
            lines will find none.
          </p>
        )}
        {!isAnew && seed !== undefined && (
          <p className="dialog-note">This machine keeps its own seed: what is left to chance will differ.</p>
        )}
        {isRecording && (
          <p className="dialog-note">
            Its lines run one after the other, each when the one before has returned, and not at the instants of the
            recording.
          </p>
        )}
        <label className="form-row">
          <input type="checkbox" checked={keepGoing} onChange={(event) => setKeepGoing(event.target.checked)} />
          go on after a command that fails
        </label>
      </div>
      <footer className="dialog-foot">
        <ActionButton onClick={close}>Not now</ActionButton>
        <ActionButton
          className={isAnew ? 'button-danger' : 'button-solid'}
          onClick={() => {
            void runScript(script, isAnew, keepGoing)
            close()
          }}
        >
          {isAnew ? 'Erase, and type it' : `Type ${plural(units.length, 'command')}`}
        </ActionButton>
      </footer>
    </>
  )
}

/** Brings in a disk image or a script: what it is, what it would do, and only then does it. */
export function ImportDialog(): ReactElement {
  const file = useStore(importStore, (state) => state.file)
  const isReading = useStore(importStore, (state) => state.isReading)
  return (
    <Dialog label="Import">
      <DialogTitle onClose={close}>Bring in a disk image or a script</DialogTitle>
      {file?.kind === 'image' && <ImageForm image={file} />}
      {file?.kind === 'script' && <ScriptForm key={file.name} script={file} />}
      {(file === undefined || file.kind === 'refused') && (
        <div className="dialog-part import-part">
          {file?.kind === 'refused' && (
            <p className="dialog-trouble" role="alert">
              {file.reason}
            </p>
          )}
          <div className="import-zone">
            <p>{isReading ? 'Reading…' : 'Drop a file anywhere on the page, or choose one.'}</p>
            <ActionButton className="button-solid" onClick={chooseFile}>
              Choose a file
            </ActionButton>
          </div>
          <p className="dialog-note">
            A disk image (whole sectors of 512 bytes, up to 1 GiB) becomes a disk. A script or a recording (.lab, up to
            256 KiB) is shown, and typed line by line when you say so. Nothing leaves this browser.
          </p>
        </div>
      )}
    </Dialog>
  )
}
