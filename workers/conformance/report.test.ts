import { expect, test } from 'vitest'
import { parseReport, reportKind } from './report.ts'

const nameOf = (major: string, minor: string): string =>
  major === '7' ? 'abcdef'[Number(minor)]! : `${major}:${minor}`

test('the three reports are known by their commands', () => {
  expect(reportKind('mdadm --detail /dev/md0')).toBe('detail')
  expect(reportKind('mdadm --examine /dev/a')).toBe('examine')
  expect(reportKind('mdadm --examine-bitmap /dev/a')).toBe('examine-bitmap')
  expect(reportKind('mdadm --fail /dev/md0 /dev/a')).toBeNull()
  expect(reportKind('echo mdadm --detail')).toBeNull()
})

test('--detail', () => {
  const text = `/dev/md0:
           Version : 1.2
     Creation Time : Fri Nov 20 06:24:30 2026
        Raid Level : raid5
        Array Size : 9216 (9.00 MiB 9.44 MB)
     Used Dev Size : 3072
      Raid Devices : 4
     Total Devices : 4
       Persistence : Superblock is persistent

     Intent Bitmap : Internal

       Update Time : Fri Nov 20 06:24:54 2026
             State : clean, degraded 
    Active Devices : 3
            Layout : left-symmetric
        Chunk Size : 64K

Consistency Policy : bitmap

              Name : (none):0  (local to host (none))
              UUID : a0ecfbe6:0082593a:e039700d:9b53194a
            Events : 4

    Number   Major   Minor   RaidDevice State
       0       7        0        0      active sync   /dev/a
       -       0        0        1      removed
       2     253        2        2      active sync   /dev/dm-2
       4       7        3        3      spare rebuilding   /dev/d

       1       7        1        -      faulty   /dev/b
`
  expect(parseReport('detail', text, nameOf)).toEqual({
    Version: '1.2',
    'Raid Level': 'raid5',
    'Array Size': '9216',
    'Used Dev Size': '3072',
    'Raid Devices': '4',
    'Total Devices': '4',
    Persistence: 'superblock is persistent',
    'Intent Bitmap': 'internal',
    State: 'clean degraded',
    'Active Devices': '3',
    Layout: 'left-symmetric',
    'Chunk Size': '64k',
    'Consistency Policy': 'bitmap',
    Devices: '0 0 active sync a; - 1 removed; 2 2 active sync 253:2; 4 3 spare rebuilding d; 1 - faulty b',
  })
})

test('--examine', () => {
  const text = `/dev/a:
          Magic : a92b4efc
        Version : 1.2
    Feature Map : 0x1
     Array UUID : a0ecfbe6:0082593a:e039700d:9b53194a
 Avail Dev Size : 6144 sectors
     Array Size : 9216 KiB (9.00 MiB 9.44 MB)
   Unused Space : before=1968 sectors, after=0 sectors
          State : clean
    Device UUID : 2ef8ec25:3f2a5548:c4960169:29a6018d
Internal Bitmap : 8 sectors from superblock
  Bad Block Log : 512 entries available at offset 16 sectors
       Checksum : fb024a8a - correct
         Events : 4
   Device Role : Active device 0
   Array State : A.AA ('A' == active, '.' == missing, 'R' == replacing)
`
  expect(parseReport('examine', text, nameOf)).toEqual({
    Magic: 'a92b4efc',
    Version: '1.2',
    'Feature Map': '0x1',
    'Avail Dev Size': '6144',
    'Array Size': '9216',
    'Unused Space': '1968 0',
    State: 'clean',
    'Internal Bitmap': '8',
    'Bad Block Log': '512 16',
    Checksum: 'correct',
    'Device Role': 'active device 0',
    'Array State': 'a.aa',
  })
})

test('--examine-bitmap', () => {
  const text = `        Filename : /dev/a
           Magic : 6d746962
         Version : 4
            UUID : a0ecfbe6:0082593a:e039700d:9b53194a
          Events : 2
  Events Cleared : 1
           State : OK
       Chunksize : 64 KB
          Daemon : 5s flush period
      Write Mode : Normal
       Sync Size : 3072
          Bitmap : 48 bits (chunks), 2 dirty (4.2%)
`
  expect(parseReport('examine-bitmap', text, nameOf)).toEqual({
    Magic: '6d746962',
    Version: '4',
    State: 'ok',
    Chunksize: '64 kb',
    Daemon: '5',
    'Write Mode': 'normal',
    'Sync Size': '3072',
    Bitmap: '48, 2 dirty',
  })
})

test('a report that failed has no fields', () => {
  expect(parseReport('detail', '', nameOf)).toEqual({})
})
