/** Superblocks and trees with bytes that nobody wrote: whatever they say, each line comes to its end, and nothing breaks. */
import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { setUp, say, testMachine } from './fixture.ts'
import { tryLine } from './spoilt_fixture.ts'

const SEED = 20261122
const ROUNDS = 150
const FORMATS = [
  '--data-block-size 512 --hash-block-size 512 --hash sha256',
  '--data-block-size 4096 --hash-block-size 1024 --hash sha1 --format 0',
  '--hash md5 --salt -',
]

test.each(FORMATS)(`veritysetup format %s, seed ${SEED}`, { timeout: 120_000 }, (options) => {
  const chance = new Chance(SEED, options)
  const machine = testMachine()
  setUp(machine, 'disk create data 64K\ndisk create hash 32K\ndd if=/dev/urandom of=/dev/data bs=64K count=1')
  let opened = 0
  for (let round = 0; round < ROUNDS; round++) {
    setUp(machine, `veritysetup format /dev/data /dev/hash ${options} --root-hash-file /tmp/root`)
    setUp(machine, 'power cut --keep all\npower on')
    const media = machine.disk('hash')?.media
    for (let count = chance.below(6); count >= 0; count--) {
      const at = chance.below(3) > 0 ? chance.below(96) : chance.below(16384)
      media?.write(at, Uint8Array.of(chance.below(256)), 0, 1)
    }
    // The file with the root hash was in memory.
    tryLine(machine, 'veritysetup dump /dev/hash')
    const root = Array.from({ length: [32, 40, 64][chance.below(3)] }, () => chance.below(16).toString(16)).join('')
    tryLine(machine, `veritysetup verify /dev/data /dev/hash ${root}`)
    if (say(machine, `veritysetup open /dev/data v /dev/hash ${root}`).status === 0) {
      opened++
      tryLine(machine, 'dd if=/dev/mapper/v of=/dev/null bs=16k')
      tryLine(machine, 'dmsetup status v')
      setUp(machine, 'veritysetup close v')
    }
    // As the tree is, without anybody's word for it.
    const [bytes, words] = options.includes('512') ? [512, 'sha256'] : [4096, 'md5']
    const table = `0 128 hashtree ${chance.below(2)} /dev/data /dev/hash ${bytes} ${bytes} ${65536 / bytes} 1 ${words} - -`
    setUp(machine, `dmsetup create t --table '${table}'`)
    tryLine(machine, 'dmsetup message t 0 failing')
    tryLine(machine, 'dd if=/dev/urandom of=/dev/mapper/t bs=8k count=3 seek=2 oflag=direct conv=fsync')
    tryLine(machine, 'dmsetup status t')
    setUp(machine, 'dmsetup remove t\nsettle')
    expect(say(machine, 'dmsetup ls').stdout).toBe('No devices found\n')
  }
  expect(opened).toBeGreaterThan(5)
})
