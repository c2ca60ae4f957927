"""Which superblocks and bitmap headers Linux takes: ../../format/md_superblock.golden.json, md_bitmap_super.golden.json."""
from guest import *

SECTORS = 18432
INT = {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}

# Name, then changes: byte, bits, value. `checksum` is made to fit afterwards unless it is what is changed.
CHANGES = [
    ('untouched',), ('magic', 0, 32, 0xa92b4efd), ('major 0', 4, 32, 0), ('major 2', 4, 32, 2),
    ('feature 1<<13', 8, 32, 1 << 13), ('feature bitmap', 8, 32, 1), ('feature 1<<31', 8, 32, 1 << 31),
    ('all features but raid0, ppl, bad blocks', 8, 32, 8191 - 4096 - 1024 - 2048 - 8),
    ('raid0 layout feature', 8, 32, 4096), ('bad blocks feature', 8, 32, 8), ('journal feature', 8, 32, 512),
    ('pad0', 12, 32, 1), ('pad0 high', 12, 32, 1 << 31), ('pad3 first', 224, 8, 1), ('pad3 last', 255, 8, 1),
    ('pad3 middle', 240, 8, 255), ('checksum wrong', 216, 32, 0x12345678), ('role byte without checksum', 456, 16, 5),
    ('role byte with checksum', 456, 16, 5), ('data_size 9', 136, 64, 9), ('data_size 10', 136, 64, 10),
    ('data_size all there is', 136, 64, SECTORS - 2048), ('data_size one more', 136, 64, SECTORS - 2047),
    ('data_size 0', 136, 64, 0), ('data_size huge', 136, 64, 1 << 63), ('super_offset 0', 144, 64, 0),
    ('super_offset 16', 144, 64, 16), ('data_offset 8', 128, 64, 8), ('data_offset 9', 128, 64, 9),
    ('data_offset 0', 128, 64, 0), ('data_offset beyond', 128, 64, SECTORS), ('max_dev 1920', 220, 32, 1920),
    ('max_dev 1921', 220, 32, 1921), ('max_dev 0', 220, 32, 0), ('max_dev 1', 220, 32, 1),
    ('max_dev 129', 220, 32, 129), ('max_dev 3', 220, 32, 3), ('level 77', 72, 32, 77), ('level 0', 72, 32, 0),
    ('size 0', 80, 64, 0), ('chunk 0', 88, 32, 0), ('raid_disks 0', 92, 32, 0), ('dev_number 4000', 160, 32, 4000),
    ('events 2^52', 200, 64, 1 << 52), ('resync 5', 208, 64, 5), ('ctime all ones', 64, 64, (1 << 64) - 1),
    ('utime all ones', 192, 64, (1 << 64) - 1), ('devflags 255', 184, 8, 255), ('bblog_size 9', 186, 16, 9),
    ('bblog_offset 0', 188, 32, 0), ('reshape_position all ones', 104, 64, (1 << 64) - 1),
    ('recovery_offset 2^60', 152, 64, 1 << 60), ('bad blocks, size 9', 8, 32, 8, 186, 16, 9),
    ('bad blocks, size 8', 8, 32, 8, 186, 16, 8), ('bad blocks, offset 0', 8, 32, 8, 188, 32, 0),
    ('raid0 layout on raid0', 8, 32, 4096, 72, 32, 0),
    ('reshape to offset 8', 8, 32, 4 + 64, 124, 32, 2**32 - 2040),
    ('reshape to offset 9', 8, 32, 4 + 64, 124, 32, 2**32 - 2039),
    ('new offset without reshape', 8, 32, 64, 124, 32, 2**32 - 2040)]
NOT_SUMMED = {'checksum wrong', 'role byte without checksum'}


def header_changes(events):
    return [
        ('untouched',), ('magic', 0, 32, 0x6d746963), ('version 2', 4, 32, 2), ('version 3', 4, 32, 3),
        ('version 5', 4, 32, 5), ('version 6', 4, 32, 6), ('chunksize 256', 52, 32, 256),
        ('chunksize 512', 52, 32, 512), ('chunksize 3000', 52, 32, 3000), ('chunksize 4096', 52, 32, 4096),
        ('chunksize 2^31', 52, 32, 1 << 31), ('daemon_sleep 0', 56, 32, 0), ('daemon_sleep 1', 56, 32, 1),
        ('daemon_sleep 2^31', 56, 32, 1 << 31), ('daemon_sleep all ones', 56, 32, (1 << 32) - 1),
        ('write_behind 16383', 60, 32, 16383), ('write_behind 16384', 60, 32, 16384), ('uuid', 8, 8, 0x99),
        ('events one less', 24, 64, events - 1), ('events one more', 24, 64, events + 1), ('state stale', 48, 32, 2),
        ('state write error', 48, 32, 4), ('state host endian', 48, 32, 0x8000), ('sync_size 0', 40, 64, 0),
        ('sync_size 2^40', 40, 64, 1 << 40), ('sectors_reserved 8', 64, 32, 8), ('sectors_reserved 1', 64, 32, 1),
        ('nodes 4', 68, 32, 4), ('pad', 200, 8, 1), ('events_cleared 2^40', 32, 64, 1 << 40)]


def triples(change):
    return [list(change[i:i + 3]) for i in range(1, len(change), 3)]


def apply(data, changes):
    data = bytearray(data)
    for at, bits, value in changes:
        struct.pack_into('<' + INT[bits // 8], data, at, value)
    return data


def checksum(block):
    count = min(1920, struct.unpack_from('<I', block, 220)[0])
    data = bytes(block[:216]) + bytes(4) + bytes(block[220:256 + 2 * count])
    total = sum(struct.unpack_from('<I', data, i)[0] for i in range(0, len(data) - 3, 4))
    if len(data) % 4:
        total += struct.unpack_from('<H', data, len(data) - 2)[0]
    return ((total & 0xffffffff) + (total >> 32)) & 0xffffffff


def kernel_takes_a():
    """Offers /dev/a to an empty array with metadata 1.2: the kernel reads and judges the superblock, nothing else."""
    write('/sys/module/md_mod/parameters/new_array', 'md9')
    write('/sys/block/md9/md/metadata_version', '1.2')
    status, _ = sh('echo 7:0 > /sys/block/md9/md/new_dev')
    sh('echo clear > /sys/block/md9/md/array_state')
    time.sleep(0.02)
    return status == 0


def image(name, member, super_at, **sectors):
    return {'name': name, 'deviceSectors': int(sh(f'blockdev --getsz /dev/{member}')[1]), 'superSector': super_at // 512,
            'super': base64_of(direct(member, super_at, 512)),
            **{what: base64_of(direct(member, at, 512)) for what, at in sectors.items()},
            'examine': [line for line in sh(f'mdadm --examine /dev/{member}')[1].split('\n')[1:] if line]}


def rest_and_stop():
    calm()
    time.sleep(0.6)
    stop()


def images():
    fresh('abcd')
    create(UUID + ' -l5 -n4 -c64 --bitmap=internal --bitmap-chunk=64', 'a b c d')
    calm()
    sh('dd if=/dev/urandom of=/dev/md0 bs=4k count=3 seek=500 oflag=direct')
    rest_and_stop()
    yield image('1.2: raid5 after its first recovery', 'd', 4096, bitmap=8192)
    for name, sectors, options, bitmap in (('1.0: raid1 with bitmap', SECTORS, ' --bitmap=internal', True),
                                           ('1.0: raid1 on an odd length', SECTORS + 7, '', False)):
        fresh('ab', sectors)
        create(UUID + ' -l1 -n2 --assume-clean' + options, 'a b', '1.0')
        rest_and_stop()
        at = (sectors - 16) // 8 * 8 * 512
        yield image(name, 'b', at, **({'bitmap': at - 16 * 512} if bitmap else {}))
    fresh('abc')
    create(UUID + ' -l5 -n3 -c4 --force', 'a b c', '1.1')
    rest_and_stop()
    yield image('1.1: raid5', 'c', 0)
    fresh('abc')
    create(UUID + ' -l5 -n3 -c64 --assume-clean', 'a b c')
    for bad in ('3000 8', '5000 1'):
        write('/sys/block/md0/md/rd1/bad_blocks', bad + '\n')
    sh('dd if=/dev/zero of=/dev/md0 bs=4k count=1 oflag=direct')
    rest_and_stop()
    yield image('1.2: bad blocks', 'b', 4096, badBlocks=24 * 512)


def superblocks():
    kept = list(images())
    fresh('abc')
    create(UUID + ' -l5 -n3 -c64 --assume-clean', 'a b c')
    rest_and_stop()
    base = direct('a', 4096, 4096)
    found = []
    for change in CHANGES:
        block = apply(base, triples(change))
        summed = change[0] not in NOT_SUMMED
        if summed:
            struct.pack_into('<I', block, 216, checksum(block))
        put('a', 4096, bytes(block))
        found.append({'name': change[0], 'changes': [[at, bits, str(value)] for at, bits, value in triples(change)],
                      'checksum': summed, 'accepted': kernel_takes_a()})
    keep('../format/md_superblock.golden.json', {
        'about': ['Linux 6.1: superblocks of its arrays with what mdadm --examine said of them; and whether super_1_load took'
                  ' a changed one (new_dev in sysfs, metadata 1.2, 18432 sectors). Made by ../md/goldens/superblocks.py.',
                  'changes: [byte, bits, value]; checksum: made to fit afterwards.'],
        'images': kept, 'base': base64_of(base[:512]), 'changed': found})


def headers():
    fresh('abc')
    create(UUID + ' -l5 -n3 -c64 --assume-clean --bitmap=internal --bitmap-chunk=64', 'a b c')
    sh('dd if=/dev/urandom of=/dev/md0 bs=4k count=3 seek=500 oflag=direct')
    time.sleep(22)
    stop()
    disks = {name: direct(name, 0, 16384) for name in 'abc'}
    base = disks['a'][8192:8704]
    events = struct.unpack_from('<Q', disks['a'], 4096 + 200)[0]
    found = []
    for change in header_changes(events):
        for name in 'abc':
            put(name, 0, bytes(apply(disks[name], [[8192 + at, bits, value] for at, bits, value in triples(change)])))
        status, said = sh('mdadm --assemble /dev/md0 /dev/a /dev/b /dev/c')
        bits = direct('a', 8192, 512)[256:272]
        started = 'stale' if bits == b'\xff' * 16 else 'accepted'
        found.append({'name': change[0],
                      'change': [str(part) if i == 2 else part for i, part in enumerate(change[1:])],
                      'outcome': started if status == 0 else said.strip().split(': ')[-1]})
        stop()
    keep('../format/md_bitmap_super.golden.json', {
        'about': ['Linux 6.1: a bitmap header changed on all members of an array, and what starting the array came to'
                  ' (stale: all bits were set). Made by ../md/goldens/superblocks.py.'],
        'uuid': UUID.split('=')[1], 'superblockEvents': events, 'base': base64_of(base), 'changed': found})


with_personalities()
superblocks()
headers()
detach()
