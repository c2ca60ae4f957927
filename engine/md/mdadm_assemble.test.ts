import { expect, test } from 'vitest'
import { FEATURE_RECOVERY_OFFSET, ROLE_FAULTY, ROLE_SPARE, type MdSuperblock } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { planAssembly, type AssembleCandidate, type AssembleOptions } from './mdadm_assemble.ts'
import { layOutNewArray } from './mdadm_layout.ts'
import { newSuperblock } from './mdadm_metadata.ts'

const OPTIONS: AssembleOptions = { path: '/dev/md0', force: false, run: false, scan: false }

/** Four members of a raid5 (or raid4) in sync, `/dev/a` to `/dev/d`, with these events. */
function members(events: readonly number[], change: Partial<MdSuperblock> = {}): AssembleCandidate[] {
  const options = {
    level: 5,
    raidDevices: events.length,
    spareDevices: 0,
    chunkKib: 64,
    layout: undefined,
    bitmap: undefined,
    bitmapChunkBytes: undefined,
    assumeClean: true,
    force: false,
    run: true,
    uuid: undefined,
    name: undefined,
  }
  const array = layOutNewArray(options, new Array<number>(events.length).fill(8192))
  const identity = { setUuid: new Uint8Array(16).fill(1), setName: '(none):0', seconds: 0 }
  return array.members.map((member, i) => ({
    path: `/dev/${'abcdef'[i]}`,
    superblock: { ...newSuperblock(array, member, identity, new Uint8Array(16)), events: events[i], ...change },
  }))
}

function withSuperblock(candidate: AssembleCandidate, change: Partial<MdSuperblock>): AssembleCandidate {
  return { ...candidate, superblock: { ...candidate.superblock, ...change } }
}

test('all are given to the kernel in the order of their slots, the one to be believed last', () => {
  const [a, b, c, d] = members([5, 5, 5, 5])
  const plan = planAssembly([c, a, d, b], OPTIONS)
  expect(plan?.order).toEqual([3, 0, 2, 1])
  expect(plan?.run).toBe(true)
  expect(plan?.summary).toBe('/dev/md0 has been started with 4 drives.')
})

test('the freshest is believed, one event less is still up to date, more is not', () => {
  const plan = planAssembly(members([4, 5, 5, 5]), OPTIONS)
  expect(plan?.order).toEqual([0, 2, 3, 1])
  expect(plan?.summary).toBe('/dev/md0 has been started with 4 drives.')
  const behind = planAssembly(members([3, 5, 5, 5]), OPTIONS)
  expect(behind?.summary).toBe('/dev/md0 assembled from 3 drives - need all 4 to start it (use --run to insist).')
})

test('a member that the others know to be gone is not waited for', () => {
  const [, b, c, d] = members([5, 5, 5, 5])
  const roles = [ROLE_FAULTY, 1, 2, 3]
  const plan = planAssembly(
    [b, c, d].map((one) => withSuperblock(one, { dev_roles: roles })),
    OPTIONS,
  )
  expect(plan?.run).toBe(true)
  expect(plan?.summary).toBe('/dev/md0 has been started with 3 drives (out of 4).')
})

test('missing members: refused, unless told to run', () => {
  const three = members([5, 5, 5, 5]).slice(0, 3)
  expect(planAssembly(three, OPTIONS)?.run).toBe(false)
  expect(planAssembly(three, { ...OPTIONS, run: true })?.run).toBe(true)
  expect(planAssembly(three, { ...OPTIONS, scan: true })?.run).toBe(true)
  const two = planAssembly(members([5, 5, 5, 5]).slice(0, 2), OPTIONS)
  expect(two?.summary).toBe('/dev/md0 assembled from 2 drives - not enough to start the array.')
})

test('dirty and degraded: only by force, which writes that it is clean', () => {
  const three = members([5, 5, 5, 5], { resync_offset: 0, dev_roles: [0, 1, 2, ROLE_FAULTY] }).slice(0, 3)
  const refused = planAssembly(three, OPTIONS)
  expect(refused?.run).toBe(false)
  expect(refused?.summary).toContain('while not clean - consider --force')
  const forced = planAssembly(three, { ...OPTIONS, force: true })
  expect(forced?.run).toBe(true)
  expect(forced?.rewrites.map(({ candidate, superblock }) => [candidate, superblock.resync_offset])).toEqual([
    [0, MAX_SECTOR],
  ])
})

test('force takes in the newest of those that are behind, and no more than are needed', () => {
  const plan = planAssembly(members([9, 3, 7, 9]), { ...OPTIONS, force: true })
  expect(plan?.run).toBe(true)
  expect(plan?.rewrites.map(({ candidate, superblock }) => [candidate, superblock.events])).toEqual([[2, 9]])
  expect(plan?.stderr).toContain('forcing event count in /dev/c(2) from 7 up to 9')
})

test('a spare and a member that is being rebuilt are counted as such', () => {
  const [a, b, c, d] = members([5, 5, 5, 5])
  const roles = [0, 1, 2, 3, ROLE_SPARE]
  const spare = withSuperblock({ ...d, path: '/dev/e' }, { dev_number: 4, dev_roles: roles })
  const rebuilding = withSuperblock(d, { feature_map: FEATURE_RECOVERY_OFFSET, recovery_offset: 100 })
  expect(planAssembly([a, b, c, d, spare], OPTIONS)?.summary).toBe(
    '/dev/md0 has been started with 4 drives and 1 spare.',
  )
  expect(planAssembly([a, b, c, rebuilding, spare], OPTIONS)?.summary).toBe(
    '/dev/md0 has been started with 3 drives (out of 4), 1 rebuilding and 1 spare.',
  )
})

test('who takes the freshest for failed is ignored', () => {
  const [a, b, c, d] = members([5, 5, 5, 5])
  const split = withSuperblock(a, { events: 4, dev_roles: [0, ROLE_FAULTY, ROLE_FAULTY, ROLE_FAULTY] })
  const plan = planAssembly([split, b, c, d], OPTIONS)
  expect(plan?.stderr).toContain('ignoring /dev/a as it reports /dev/b as failed')
  expect(plan?.order).toEqual([2, 3, 1])
})
