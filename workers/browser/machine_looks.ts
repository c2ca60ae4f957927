/**
 * What the page may read of the machine without changing it: bytes, files, previews. Nothing of it is loaded before somebody asks.
 */
import type { CutPreview, PreviewKeep } from '../../engine/api/cut_preview.ts'
import type { Looks } from '../../engine/api/looks.ts'
import type { PlacedCommand } from '../../engine/api/twin_frame.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { BytesBefore, DiskBytes, DiskView } from './engine_api.ts'
import type { RecordedPast } from './recorded_past.ts'
import type { Side } from './side_by_side.ts'

/** What is looked at. */
export interface Looked {
  readonly session: Session
  readonly side: Side | null
}

export abstract class MachineLooks {
  /** @errors throws where no machine runs */
  protected abstract looked(): Looked
  protected abstract recordedPast(): Promise<RecordedPast>

  async readDisk(disk: string, sector: number, sectors: number): Promise<DiskBytes | null> {
    const { readDisk } = await import('./disk_bytes.ts')
    return readDisk(this.looked().session.machine, disk, sector, sectors)
  }

  async viewDisk(disk: string, sector: number, sectors: number): Promise<DiskView | null> {
    const { viewDisk } = await import('./disk_bytes.ts')
    return viewDisk(this.looked().session.machine, disk, sector, sectors)
  }

  async viewTwinDisk(disk: string, sector: number, sectors: number): Promise<DiskView | null> {
    const { viewDisk } = await import('./disk_bytes.ts')
    const machine = this.looked().side?.pair.twin?.session.machine
    return machine === undefined ? null : viewDisk(machine, disk, sector, sectors)
  }

  async readBefore(disk: string, sector: number, sectors: number): Promise<BytesBefore | null> {
    const [past, { readDisk }] = await Promise.all([this.recordedPast(), import('./disk_bytes.ts')])
    const read = await past.before((machine) => readDisk(machine, disk, sector, sectors)?.newest)
    return read?.found === undefined ? null : { step: read.step, newest: read.found }
  }

  async exportDisk(disk: string): Promise<Uint8Array | null> {
    const { readImage } = await import('./disk_bytes.ts')
    return readImage(this.looked().session.machine, disk)
  }

  async previewCut(keep: PreviewKeep): Promise<CutPreview> {
    const { previewCut } = await import('../../engine/api/cut_preview.ts')
    return previewCut(this.looked().session.machine, keep)
  }

  async lookAt(what: keyof Looks, name: string): Promise<Looks[keyof Looks] | null> {
    const { lookAt } = await import('../../engine/api/looks.ts')
    return lookAt(this.looked().session.machine, what, name)
  }

  async recordedCommands(): Promise<readonly PlacedCommand[]> {
    const { commandsOf } = await import('./side_by_side.ts')
    return commandsOf(this.looked().session.lines)
  }

  async exportRecording(): Promise<string> {
    const { exportRecording } = await import('../../engine/lab/recording_text.ts')
    return exportRecording(this.looked().session.machine.recording)
  }

  async exportBeginning(disk: string): Promise<Uint8Array | null> {
    const { readBeginning } = await import('./disk_bytes.ts')
    return readBeginning(this.looked().session, disk)
  }
}
