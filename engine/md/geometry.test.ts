import { expect, test } from 'vitest'
import { Geometry, isParityLayout } from './geometry.ts'
import { MirrorGeometry } from './mirror_geometry.ts'
import { RAID0_ALTERNATE_LAYOUT, RAID0_ORIGINAL_LAYOUT, StripedGeometry } from './striped_geometry.ts'

const SHAPES = [4, 5, 6].flatMap((level) =>
  Array.from({ length: 21 }, (_, layout) => ({ level: level as 4 | 5 | 6, layout })).filter(({ layout }) =>
    level === 4 ? layout === 0 : isParityLayout(level as 5 | 6, layout),
  ),
)

test.each(SHAPES)(
  'level $level layout $layout: every slot of a stripe has one role, and the maps are inverse',
  (shape) => {
    for (let n = shape.level === 6 ? 4 : 3; n <= 9; n++) {
      const geometry = new Geometry({ ...shape, raidDisks: n, chunkSectors: 8 })
      for (let stripe = 0; stripe < 2 * n * (n - 1); stripe++) {
        const slots = Array.from({ length: geometry.dataDisks }, (_, data) => geometry.dataSlot(stripe, data))
        const parities = [geometry.paritySlot(stripe), ...(shape.level === 6 ? [geometry.qSlot(stripe)] : [])]
        expect([...slots, ...parities].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, slot) => slot))
        slots.forEach((slot, data) => expect(geometry.dataIndex(stripe, slot)).toBe(data))
        if (shape.level !== 6) continue
        const exponents = slots.map((slot) => geometry.exponent(stripe, slot))
        expect(new Set(exponents).size).toBe(slots.length)
        if (shape.layout >= 8 && shape.layout <= 10) expect(exponents).toEqual(slots)
        else expect(Math.max(...exponents)).toBe(geometry.dataDisks - 1)
      }
      for (let sector = 0; sector < 8 * n * n * 8; sector += 3) {
        const { slot, sector: memberSector } = geometry.locate(sector)
        expect(geometry.arraySector(slot, memberSector)).toBe(sector)
      }
    }
  },
)

/** Rows of letters, a member a column: as a person would write the picture down. */
function picture(geometry: Geometry, stripes: number): string[] {
  return Array.from({ length: stripes }, (_, stripe) =>
    Array.from({ length: geometry.raidDisks }, (_, slot) => {
      const index = geometry.dataIndex(stripe, slot)
      return index >= 0 ? String(index) : slot === geometry.qSlot(stripe) ? 'Q' : 'P'
    }).join(''),
  )
}

test.each([
  [8, ['PQ012', '0PQ12', '01PQ2', '012PQ', 'Q012P']],
  [9, ['012PQ', '01PQ2', '0PQ12', 'PQ012', 'Q012P']],
  [10, ['012QP', '12QP0', '2QP01', 'QP012', 'P012Q']],
  [2, ['Q012P', '012PQ', '12PQ0', '2PQ01', 'PQ012']],
  [4, ['PQ012', 'PQ012']],
  [5, ['012PQ', '012PQ']],
  [16, ['012PQ', '01P2Q', '0P12Q', 'P012Q']],
  [18, ['012PQ', '12P0Q', '2P01Q', 'P012Q']],
  [20, ['P012Q', 'P012Q']],
])('a RAID-6 of five members, layout %i', (layout, rows) => {
  const geometry = new Geometry({ level: 6, layout, raidDisks: 5, chunkSectors: 8 })
  expect(picture(geometry, rows.length)).toEqual(rows)
})

/** Which chunk stands where, a row of chunks a string. */
function mirrorPicture(layout: number, raidDisks: number, rows: number): string[] {
  const memberSectors = rows * 8
  const geometry = new MirrorGeometry({ level: 10, layout, raidDisks, chunkSectors: 8, memberSectors })
  const picture = Array.from({ length: rows }, () => new Array<string>(raidDisks).fill('.'))
  for (let sector = 0; sector < geometry.arraySectors(); sector += 8) {
    const copies = geometry.locate(sector)
    expect(new Set(copies.map(({ slot }) => slot)).size).toBe(geometry.copies)
    for (const copy of copies) {
      expect(picture[copy.sector / 8][copy.slot]).toBe('.')
      picture[copy.sector / 8][copy.slot] = (sector / 8).toString(36)
    }
  }
  return picture.map((row) => row.join(''))
}

test.each([
  ['near 2 on 4', 0x102, 4, ['0011', '2233']],
  ['near 2 on 3', 0x102, 3, ['001', '122', '334', '455']],
  ['near 3 on 5', 0x103, 5, ['00011', '12223', '33444', '55566', '67778', '88999']],
  ['far 2 on 4', 0x40201, 4, ['0123', '4567', '1032', '5476']],
  ['far 2 on 4, not in sets', 0x201, 4, ['0123', '4567', '3012', '7456']],
  ['offset 2 on 3, not in sets', 0x10201, 3, ['012', '201', '345', '534']],
  ['offset 2 on 4', 0x50201, 4, ['0123', '1032', '4567', '5476']],
  ['offset 2 on 5', 0x50201, 5, ['01234', '10423', '56789', '65978']],
])('a RAID-10, %s', (_, layout, raidDisks, rows) => {
  expect(mirrorPicture(layout, raidDisks, rows.length)).toEqual(rows)
})

test.each([
  [0x102, 4],
  [0x102, 5],
  [0x103, 5],
  [0x201, 5],
  [0x40201, 4],
  [0x40201, 5],
  [0x40301, 6],
  [0x10201, 5],
  [0x50201, 4],
  [0x50201, 5],
  [0x202, 5],
])('a RAID-10 of layout %i on %i members: the maps are inverse', (layout, raidDisks) => {
  const geometry = new MirrorGeometry({ level: 10, layout, raidDisks, chunkSectors: 8, memberSectors: 8 * 30 })
  for (let sector = 3; sector < geometry.arraySectors(); sector += 8) {
    for (const copy of geometry.locate(sector)) expect(geometry.arraySector(copy.slot, copy.sector)).toBe(sector)
  }
})

test('a RAID-0 of unlike members goes on over those that are longer', () => {
  const shape = { chunkSectors: 8, memberSectors: [8, 24, 24] }
  const columns = (layout: number) => {
    const geometry = new StripedGeometry({ ...shape, layout })
    expect(geometry.arraySectors()).toBe(56)
    const chunks = Array.from({ length: 7 }, (_, i) => geometry.locate(i * 8))
    return chunks.map(({ slot, sector }) => `${'abc'[slot]}${sector / 8}`).join(' ')
  }
  expect(columns(RAID0_ALTERNATE_LAYOUT)).toBe('a0 b0 c0 b1 c1 b2 c2')
  expect(columns(RAID0_ORIGINAL_LAYOUT)).toBe('a0 b0 c0 c1 b1 c2 b2')
})
