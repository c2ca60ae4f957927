/** Judges of a RAID-1 or RAID-10 that nobody runs: what its members' media alone say. */
import { MirrorGeometry } from '../md/mirror_geometry.ts'
import type { MemberImage } from './raid5_judge.ts'

const ROW_SECTORS = 8

/** The map of a RAID-1 or RAID-10; undefined for any other. */
export function mirrorGeometry(members: readonly MemberImage[]): MirrorGeometry | undefined {
  const { level, layout, raid_disks: raidDisks, chunksize: chunkSectors, size: memberSectors } = members[0].superblock
  if (level !== 1 && level !== 10) return undefined
  return new MirrorGeometry({ level, layout, raidDisks, chunkSectors, memberSectors })
}

/** @returns the rows (of 4 KiB of the array) whose copies are not the same. */
export function unequalRows(members: readonly MemberImage[], geometry: MirrorGeometry): number[] {
  const found: number[] = []
  for (let row = 0; row < geometry.arraySectors() / ROW_SECTORS; row++) {
    const [first, ...others] = geometry.locate(row * ROW_SECTORS).map(({ slot, sector }) => read(members[slot], sector))
    if (others.some((other) => other.some((byte, i) => byte !== first[i]))) found.push(row)
  }
  return found
}

function read(member: MemberImage, sector: number): Uint8Array {
  const bytes = new Uint8Array(ROW_SECTORS * 512)
  member.media.read((member.superblock.data_offset + sector) * 512, bytes, 0, bytes.length)
  return bytes
}
