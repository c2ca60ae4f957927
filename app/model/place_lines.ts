/** What can be done to a page, or to the sector of a byte, where the map shows them: each as the line that does it. */
import { PAGE_SECTORS, SECTOR_BYTES } from '../draw/zoom_layout.ts'
import { diskLines, liftsAt, type FaultLine } from './fault_lines.ts'
import type { MachineScene } from './machine_scene.ts'
import type { Picture } from './picture.ts'

/** A page of a member, or one of its bytes, from the start of its data. */
export interface ClosePlace {
  readonly slot: number
  readonly from: number
  readonly isByte: boolean
}

/** @returns nothing where the slot has no member */
export function placeLines(now: Picture, scene: MachineScene, array: string, place: ClosePlace): readonly FaultLine[] {
  const field = now.arrays.get(array)?.field
  const frame = now.frame?.arrays.find(({ name }) => name === array)
  const member = frame?.members.find(({ slot }) => slot === place.slot)
  if (!field || !frame || !member || member.name === '') return []
  const { isByte, slot } = place
  const own = Math.floor(place.from / SECTOR_BYTES)
  const sectors = isByte ? 1 : PAGE_SECTORS
  const sector = member.dataOffset + own
  const range = `${sector}+${sectors}`
  const [what, bs] = isByte ? ['sector', '512'] : ['page', '4k']
  const { map } = field
  const block = map.arraySector(slot, own) / sectors
  const isParity = map.isParity(Math.floor(own / map.chunkSectors), slot)
  const nobodys = (done: string): string | undefined =>
    block >= 0 ? undefined : isParity ? `Parity is ${done} by the array alone.` : 'Nothing of the array lies there.'
  const disk = scene.disks.find(({ name }) => name === member.name)
  const off = scene.isPowerOn ? undefined : 'The power is off.'
  const pulled = disk?.isPulled ? `${disk.name} is pulled.` : undefined
  const noDisk = disk ? pulled : `${member.name} is no disk: its own disks can be wounded.`
  const isOddPage = !isByte && sector % PAGE_SECTORS !== 0
  return [
    {
      label: `Write this ${what}`,
      line: `dd if=/dev/urandom of=/dev/${array} bs=${bs} count=1 seek=${block} oflag=direct`,
      refusal: off ?? nobodys('written'),
    },
    {
      label: `Read this ${what}`,
      line: `dd if=/dev/${array} of=/dev/null bs=${bs} count=1 skip=${block} iflag=direct`,
      refusal: off ?? nobodys('read'),
    },
    { label: `Let this ${what} rot`, line: `fault add rot ${member.name} ${range}`, refusal: noDisk },
    { label: `Make this ${what} unreadable`, line: `fault add latent ${member.name} ${range}`, refusal: noDisk },
    isByte
      ? {
          label: 'Overwrite this byte behind the array’s back',
          line: `dd if=/dev/urandom of=/dev/${member.name} bs=1 count=1 seek=${member.dataOffset * SECTOR_BYTES + place.from} conv=notrunc,fsync`,
          refusal: off ?? pulled,
        }
      : {
          label: 'Overwrite this page behind the array’s back',
          line: isOddPage
            ? `dd if=/dev/urandom of=/dev/${member.name} bs=512 count=${PAGE_SECTORS} seek=${sector} oflag=direct`
            : `dd if=/dev/urandom of=/dev/${member.name} bs=4k count=1 seek=${sector / PAGE_SECTORS} oflag=direct`,
          refusal: off ?? pulled,
        },
    ...diskLines(scene, member.name),
    ...liftsAt(scene, member.name, sector, sectors),
  ]
}
