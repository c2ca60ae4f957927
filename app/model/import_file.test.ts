import { expect, test } from 'vitest'
import { diskNameTrouble, freeDiskName, readImported, scriptUnits, sizeTrouble } from './import_file.ts'
import { exportStem, safeName, traceNames } from './export_name.ts'
import { frame } from '../fixtures/frames.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('an image is a whole number of sectors', () => {
  expect(readImported('sda.img', new Uint8Array(1024))).toMatchObject({ kind: 'image' })
  expect(readImported('sda.img', new Uint8Array(1000))).toMatchObject({ kind: 'refused' })
  expect(readImported('unnamed', new Uint8Array(512))).toMatchObject({ kind: 'image' })
  expect(readImported('sda.img', new Uint8Array(0))).toMatchObject({ kind: 'refused', reason: 'The file is empty.' })
  expect(sizeTrouble(2 ** 31)).toContain('1 GiB')
})

test('a script is text, and bounded', () => {
  expect(readImported('a.lab', bytes('seed 7\n# why\n\necho one\npower cut\n'))).toEqual({
    kind: 'script',
    name: 'a.lab',
    units: ['echo one', 'power cut'],
    seed: 7,
    isRecording: false,
    disks: [],
  })
  expect(readImported('a.lab', new Uint8Array([0, 1, 2, 3]))).toMatchObject({ kind: 'refused' })
  expect(readImported('a.lab', new Uint8Array([0xff, 0xfe]))).toMatchObject({ kind: 'refused' })
  expect(readImported('a.lab', bytes('# nothing\n'))).toMatchObject({ kind: 'refused' })
  expect(readImported('a.lab', new Uint8Array(300 << 10).fill(97))).toMatchObject({ kind: 'refused' })
  expect(readImported('a.lab', bytes('true\n'.repeat(6000)))).toMatchObject({ kind: 'refused' })
})

test('a recording is known by its head, and says which disks it began with', () => {
  const text = 'seed 5\n# epoch 1767225600\n# disk sda 4096 ssd\n#| mdadm --assemble /dev/md0\n#@ 1 2 1\necho here\n'
  expect(readImported('r.lab', bytes(text))).toMatchObject({ isRecording: true, disks: ['sda'], units: ['echo here'] })
})

test('here-documents and quotes stay with their command', () => {
  const text = "boot set <<'END'\nmdadm --assemble /dev/md0\n# kept\nEND\necho 'two\nlines'\r\necho a # it's\ntrue"
  expect(scriptUnits(text)).toEqual([
    "boot set <<'END'\nmdadm --assemble /dev/md0\n# kept\nEND",
    "echo 'two\nlines'",
    "echo a # it's",
    'true',
  ])
  expect(scriptUnits("boot set <<'END'\nnever ends")).toEqual(["boot set <<'END'\nnever ends"])
})

test('names', () => {
  expect(freeDiskName(['sda', 'sdb', 'sdd'])).toBe('sdc')
  expect(diskNameTrouble('sde')).toBeUndefined()
  for (const name of ['', 'SDA', '../x', 'a b']) expect(diskNameTrouble(name)).toBeDefined()
  expect(safeName('../../a b?.img')).toBe('a-b-.img')
  expect(exportStem({ seed: 1, steps: 42 })).toBe('blockscope-seed1-step42')
  expect(traceNames(frame()).disks).toEqual(['sda', 'sdb', 'sdc', 'sdd'])
  expect(traceNames(frame()).arrays.get(0)).toBe('md0')
})
