/** What can be added to the stack, each as the line that does it; what cannot be says why. */
import type { FaultLine } from './fault_lines.ts'
import type { MachineScene } from './machine_scene.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('')
const ARRAY_DISKS = 3

export function addLines(scene: MachineScene): readonly FaultLine[] {
  const { disks, arrays, mapped, workloads, isPowerOn } = scene
  const off = isPowerOn ? undefined : 'The power is off.'
  const next = LETTERS.find((letter) => !disks.some(({ name }) => name === `sd${letter}`))
  const members = new Set(arrays.flatMap((array) => [...array.members, ...array.others].map(({ disk }) => disk)))
  const below = new Set(mapped.flatMap((device) => device.below.map((path) => path.replace(/^\/dev\//, ''))))
  const free = disks.filter(
    ({ name, isAbsent, claimedBy }) => !isAbsent && claimedBy === '' && !members.has(name) && !below.has(name),
  )
  const [array] = arrays
  const minor = firstFree((number) => arrays.some(({ name }) => name === `md${number}`))
  const over = firstFree((number) => mapped.some(({ name }) => name === `over${number}`))
  const chosen = free.slice(0, ARRAY_DISKS).map(({ name }) => `/dev/${name}`)
  const noDisk = 'Every disk is in use: make another one first.'
  return [
    {
      label: 'Another disk of 2 MiB',
      line: `disk create sd${next} 2M --model ssd`,
      refusal: next ? undefined : 'There are 26.',
    },
    {
      label: chosen.length === 0 ? 'A mapped device' : `A mapped device over ${free[0].name}`,
      line: `dmsetup create over${over} --table '0 ${free[0]?.sectors ?? 0} linear ${chosen[0] ?? '/dev/sda'} 0'`,
      refusal: off ?? (chosen.length > 0 ? undefined : noDisk),
    },
    {
      label: 'A RAID-5 of three unused disks',
      line: `mdadm --create /dev/md${minor} --metadata=1.2 --level=5 --raid-devices=${ARRAY_DISKS} --chunk=64 --bitmap=internal --run ${chosen.join(' ')}`,
      refusal: off ?? (chosen.length === ARRAY_DISKS ? undefined : `It takes ${ARRAY_DISKS} disks that nobody uses.`),
    },
    {
      label: 'Random writes to the array',
      line: `workload start writes /dev/${array?.name ?? 'md0'} --pattern random --size 4K`,
      refusal:
        off ??
        (array === undefined
          ? 'There is no array.'
          : workloads.some(({ name }) => name === 'writes')
            ? 'They are running.'
            : undefined),
    },
    ...workloads.map(({ name }) => ({ label: `Stop “${name}”`, line: `workload stop ${name}` })),
    { label: 'Let everything come to rest', line: 'settle', refusal: off },
  ]
}

function firstFree(isTaken: (number: number) => boolean): number {
  let number = 0
  while (isTaken(number)) number++
  return number
}
