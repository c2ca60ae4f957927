"""/proc/mdstat, --detail, --examine and -X of arrays in many states: ../mdadm_text.golden.json. Takes some two minutes.

What is caught while it runs goes at its own pace: how far a sync has come, and whether an update fell between two reports,
differs from run to run. The test's SCENES say those numbers for the golden that is kept, and follow a new one.
"""
from guest import *

STATES = []
CLEAN = UUID + ' -l5 -n4 -c64 --assume-clean'


def save(name, members='', md='md0', identity='a'):
    """Keeps the state; `members` with all their reports, `identity` with its superblock only."""
    while True:
        before = read('/proc/mdstat')
        detail = sh(f'mdadm --detail /dev/{md}')[1]
        if read('/proc/mdstat') == before:
            break
    lines = before.split('\n')
    assert lines[-2:] == ['unused devices: <none>', '']
    STATES.append({'name': name, 'mdstat': lines[1:-2], 'detail': detail.split('\n')[:-1],
                   'members': {one: reports(one, one in members) for one in sorted({*members, *identity})}})


def reports(member, wanted):
    while True:
        block = direct(member, 4096, 4608)
        examine, (status, bitmap) = sh(f'mdadm --examine /dev/{member}')[1], sh(f'mdadm -X /dev/{member}')
        if direct(member, 4096, 4608) == block:
            break
    found = {'super': base64_of(block[:512])}
    if wanted:
        found['examine'] = examine.split('\n')[:-1]
        if status == 0:
            found['bitmap'] = base64_of(block[4096:4608])
            found['examineBitmap'] = bitmap.split('\n')[:-1]
    return found


def rest(seconds=1.0):
    sh('sync')
    time.sleep(seconds)


def slowly(kib, command, seconds, name, members=''):
    """Saves a state while something runs at a known speed."""
    speed(kib)
    command()
    time.sleep(seconds)
    save(name, members)


def member(action, letter):
    assert sh(f'mdadm /dev/md0 --{action} /dev/{letter}')[0] == 0


def sync(action):
    write('/sys/block/md0/md/sync_action', action)


def dirty(seek):
    sh(f'dd if=/dev/urandom of=/dev/md0 bs=4k count=40 seek={seek} oflag=direct')


def life_of_an_array():
    fresh('abcde')
    create(CLEAN + ' --bitmap=internal --bitmap-chunk=64', 'a b c d')
    rest(0.6)
    save('raid5 clean, bitmap still full', 'a')
    time.sleep(21)
    save('raid5 clean, bitmap empty', 'a')
    dirty(100)
    save('raid5 active, bitmap dirty', 'a')
    rest()
    member('fail', 'b')
    rest()
    save('one failed', 'ab')
    dirty(300)
    rest()
    member('remove', 'b')
    rest()
    save('one failed and removed', 'a')
    slowly(200, lambda: member('add', 'e'), 2.5, 'rebuilding onto a new spare', 'ae')
    fast()
    calm()
    rest()
    save('rebuilt', 'e')
    member('add', 'b')
    rest()
    save('with an idle spare', 'b')
    member('fail', 'b')
    rest()
    save('failed spare', 'b')
    for action, name in (('check', 'checking'), ('repair', 'repairing')):
        slowly(300, lambda: sync(action), 2.2, name)
        fast()
        calm()
    member('fail', 'c')
    rest()
    # The kernel marks the second one faulty too, and says EBUSY all the same.
    sh('mdadm /dev/md0 --fail /dev/d')
    rest()
    save('two failed', 'ac')
    stop()


def first_syncs():
    fresh('abcd')
    slowly(200, lambda: create(UUID + ' -l5 -n4 -c64 --bitmap=internal', 'a b c d'), 2.5, 'first recovery', 'd')
    fast()
    calm()
    rest()
    save('after the first recovery', 'd')
    fresh('abcd')
    slowly(200, lambda: create(UUID + ' -l5 -n4 -c128 --force', 'a b c d'), 2.5, 'first resync without bitmap', 'a')
    fresh('abc')
    slowly(200, lambda: create(UUID + ' -l5 -n3 -c512 --layout=ra --bitmap=internal --force', 'a b c'), 1.5,
           'first resync', 'a')
    fresh('abc')
    slowly(200, lambda: create(UUID + ' -l4 -n3 -c64', 'a b c'), 1.5, 'raid4 first recovery', 'c')


def shapes():
    for name, options, devices, members in [
            ('missing from the start', ' -l5 -n4 -c64 --layout=parity-last', 'a missing c d', 'a'),
            ('raid4', ' -l4 -n3 -c64 --assume-clean --bitmap=internal --bitmap-chunk=4', 'a b c', 'a'),
            ('two spares', ' -l5 -n3 -x2 -c4 --assume-clean', 'a b c d e', 'e'),
            ('raid1', ' -l1 -n2 --assume-clean --bitmap=internal', 'a b', 'a'),
            ('raid6', ' -l6 -n4 -c64 --assume-clean', 'a b c d', 'a'),
            ('raid10', ' -l10 -n4 -c64 --assume-clean', 'a b c d', 'a')]:
        fresh('abcde')
        create(UUID + options, devices)
        rest()
        save(name, members)
    fresh('ab')
    sh('mdadm --create /dev/md0 --metadata=1.2 --run -l1 -n2 --assume-clean /dev/a --write-mostly /dev/b')
    rest()
    save('write-mostly', 'b')


def unusual():
    fresh('abc')
    create(UUID + ' -l5 -n3 -c64 --assume-clean', 'a b c')
    rest()
    sh('mdadm --readonly /dev/md0')
    save('read-only')
    fresh('abc')
    speed(100)
    create(UUID + ' -l5 -n3 -c64 --force --bitmap=internal', 'a b c')
    time.sleep(0.5)
    stop()
    write('/sys/module/md_mod/parameters/start_ro', '1')
    sh('mdadm --assemble /dev/md0 /dev/a /dev/b /dev/c')
    rest()
    save('resync pending', 'a')
    write('/sys/module/md_mod/parameters/start_ro', '0')
    fast()
    sh('mdadm --readwrite /dev/md0')
    fresh('abc')
    create(UUID + ' -l5 -n3 -c64 --assume-clean', 'a b c')
    rest()
    write('/sys/block/md0/md/rd1/bad_blocks', '3000 8\n')
    dirty(0)
    rest()
    save('bad blocks', 'b')
    fresh('abcd')
    create(UUID + ' -l5 -n3 -x1 -c64 --assume-clean --bitmap=internal', 'a b c d')
    rest()
    slowly(200, lambda: member('replace', 'b'), 2.3, 'replacing', 'bd')
    fast()
    calm()
    stop()
    fresh('abc')
    create(UUID + ' -l5 -n3 -c64 --assume-clean --bitmap=internal', 'a b c')
    rest()
    stop()
    sh('mdadm --incremental /dev/a')
    save('inactive, one member', 'a')


def large():
    fresh('abcd', 2097152)
    slowly(2000, lambda: create(UUID + ' -l5 -n4 -c512 --bitmap=internal --force', 'a b c d'), 3.3, 'large resync', 'a')
    time.sleep(30)
    save('large resync later')
    speed(20000)
    time.sleep(14)
    save('large resync at 20000')
    stop()


def two_arrays():
    fresh('abcdef')
    create(UUID + ' -l5 -n3 -c64 --assume-clean', 'a b c')
    create('-l1 -n3 --assume-clean --bitmap=internal', 'd e f', md='md1')
    rest()
    save('two arrays')
    stop('md1')
    fresh('abc', 65536)
    for index, name in enumerate('abc'):
        table = bytearray(512)
        for entry, start in enumerate((2048, 32768)):
            struct.pack_into('<B3sB3sII', table, 446 + 16 * entry, 0, b'', 0xfd, b'', start, 30720)
        table[510:] = b'\x55\xaa'
        put(name, 0, bytes(table))
        sh(f'losetup -d /dev/loop{index}; losetup -P /dev/loop{index} {name}')
    speed(300)
    for md, part, bitmap in (('md0', 1, ''), ('md1', 2, '--bitmap=internal')):
        create(f'-l5 -n3 -c64 --force {bitmap}', ' '.join(f'loop{i}p{part}' for i in range(3)), md=md)
    time.sleep(1.2)
    save('one delayed', identity='', md='md1')
    fast()


with_personalities()
for scene in (life_of_an_array, first_syncs, shapes, unusual, large, two_arrays):
    scene()
detach()
keep('mdadm_text.golden.json', {
    'about': ['mdadm 4.2 and Linux 6.1 on arrays in many states: /proc/mdstat without its first and last line, --detail, and'
              ' of some members the superblock (sector 8), the first sector of the bitmap (sector 16), --examine and'
              ' --examine-bitmap. Made by goldens/states.py. The machine has no name, so the array is local to host'
              ' (none). Members a, b, c... are loop0, loop1, loop2...'],
    'states': STATES})
