import { expect, test } from 'vitest'
import { StoreError, type StoredMachine } from './machine_store.ts'
import { parseTable } from './stored_table.ts'

const MACHINE: StoredMachine = {
  visit: 3,
  seed: 5,
  clockSeconds: 100,
  bootScript: 'true',
  rules: [['a', 'b']],
  disks: [
    { name: 'sda', sizeBytes: 65536, model: 'ssd', pulled: false },
    { name: 'sdb', sizeBytes: 4096, model: 'ideal', pulled: true },
  ],
  faults: [
    { kind: 'hang', disk: 'sda', sector: 0, sectors: 0, amount: -1 },
    { id: 4, kind: 'latent', disk: 'sdb', sector: 6, sectors: 2, amount: 0, healed: [6] },
  ],
}
const TABLE = { version: 1, files: { sda: 'disk-0.img', sdb: 'disk-12.img' }, machine: MACHINE }

/** The table with one value in another's place. */
function tableWith(path: readonly (string | number)[], value: unknown): string {
  const table: unknown = structuredClone(TABLE)
  let at = table as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  at[path[path.length - 1]] = value
  return JSON.stringify(table)
}

test('what was written is read, whatever room follows it', () => {
  expect(parseTable(`${JSON.stringify(TABLE)}      \n`)).toEqual(TABLE)
  expect(parseTable('   ')).toBeNull()
})

test.each([
  ['', 1, 'no table'],
  ['version', 0, 'version is unknown'],
  ['version', 2, 'version 2'],
  ['files', null, 'which files'],
  ['files sda', '../../x', 'strange name'],
  ['files sda', 'disk-12.img', 'same file'],
  ['machine', [], 'no machine'],
  ['machine visit', 'x', 'visit or seed'],
  ['machine seed', 2 ** 40, 'visit or seed'],
  ['machine clockSeconds', -1, 'clock'],
  ['machine bootScript', {}, 'boot script'],
  ['machine rules 0', ['a'], 'rules'],
  ['machine disks', {}, 'disks'],
  ['machine disks 0 name', '../sda', 'disks'],
  ['machine disks 0 name', 'null', 'disks'],
  ['machine disks 0 name', 'sdb', 'same name'],
  ['machine disks 0 sizeBytes', 1000, 'disks'],
  ['machine disks 0 sizeBytes', 2 ** 50, 'disks'],
  ['machine disks 0 model', 'toString', 'disks'],
  ['machine disks 0 pulled', 1, 'disks'],
  ['machine faults 0 kind', 'curse', 'faults'],
  ['machine faults 0 disk', 'sdz', 'faults'],
  ['machine faults 1 sectors', 3, 'faults'],
  ['machine faults 1 amount', null, 'faults'],
  ['machine faults 1 healed', [-1], 'faults'],
])('%s: %j is no machine', (path, value, words) => {
  const text =
    path === ''
      ? JSON.stringify(value)
      : tableWith(
          path.split(' ').map((key) => (/^\d/.test(key) ? Number(key) : key)),
          value,
        )
  expect(() => parseTable(text)).toThrow(StoreError)
  expect(() => parseTable(text)).toThrow(words)
})

test.each(['{', '\0\0\0', '[1,2', 'null', '"x"'])('%j is no description', (text) => {
  expect(() => parseTable(text)).toThrow(StoreError)
})
