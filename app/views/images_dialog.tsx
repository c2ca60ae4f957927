import { useEffect, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { bytes as byteWords } from '../draw/format.ts'
import { leaveLink } from '../model/connection.ts'
import { forgetImages, linkImagesStore, takeImages } from '../model/link_images.ts'
import { linkStore } from '../model/link_store.ts'
import { ActionButton } from './action_button.tsx'
import { Dialog, DialogTitle } from './dialog.tsx'

function choose(): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.addEventListener('change', () => void takeImages([...(input.files ?? [])]))
  input.click()
}

/** Asks for the images of the disks that a link's recording began on. */
export function ImagesDialog(): ReactElement | null {
  const link = useStore(linkStore, (state) => state.link)
  const { given, refusals, isReading } = useStore(linkImagesStore)
  useEffect(() => forgetImages, [])
  if (link.kind !== 'images') return null
  const left = link.images.filter(({ name }) => !Object.hasOwn(given, name)).length
  return (
    <Dialog label="Images">
      <DialogTitle>This link needs disk images</DialogTitle>
      <div className="dialog-part import-part">
        <p>
          Its recording began on disks that were not blank. Whoever sent the link has their images: Share, “Disks as the
          recording began”.
        </p>
        <div className="scroll" tabIndex={0} role="region" aria-label="The images it needs">
          <table className="images-table">
            <thead>
              <tr>
                <th scope="col">Disk</th>
                <th scope="col">Size</th>
                <th scope="col">SHA-256</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {link.images.map(({ name, sizeBytes, sha256 }) => {
                const isGiven = Object.hasOwn(given, name)
                return (
                  <tr key={name}>
                    <th scope="row" className="mono">
                      {name}
                    </th>
                    <td className="number" title={`${sizeBytes} bytes`}>
                      {byteWords(sizeBytes)}
                    </td>
                    <td className="mono images-hash">{sha256}</td>
                    <td>{isGiven ? <span className="good">✓ right</span> : 'missing'}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
        <div className="import-zone">
          <p role="status">
            {isReading
              ? 'Reading and hashing …'
              : `Drop the ${left === link.images.length ? 'files' : 'missing files'} anywhere on the page, images or a ZIP of them.`}
          </p>
          <ActionButton className="button-solid" onClick={choose}>
            Choose files
          </ActionButton>
        </div>
        {refusals.length > 0 && (
          <div className="dialog-trouble" role="alert">
            {refusals.map((refusal) => (
              <p key={refusal}>{refusal}</p>
            ))}
          </div>
        )}
        <p className="dialog-note">
          Names do not matter, sizes and hashes do. When all are there, the link opens. Nothing leaves this browser.
        </p>
      </div>
      <footer className="dialog-foot">
        <ActionButton onClick={() => void leaveLink()}>Not now</ActionButton>
      </footer>
    </Dialog>
  )
}
