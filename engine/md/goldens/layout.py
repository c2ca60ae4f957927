"""Where mdadm --create puts everything, and who gets which slot: ../mdadm_layout.golden.json."""
from guest import *

SIZES = [2048, 3072, 4096, 6144, 8192, 16384, 18439, 32768, 131072, 262144, 409600, 2097152]
CHUNKS = ['-', '4', '16', '64', '128', '512', '1024', '4096']
BITMAPS = ['none', 'internal', 'internal:4', 'internal:16', 'internal:64', 'internal:1M', 'internal:256M']


def clear(names):
    for name in names:
        with open(name, 'r+b') as file:
            file.write(bytes(65536))


def place(size, chunk, bitmap):
    clear('abc')
    kind, _, bits = bitmap.partition(':')
    chunk_option = '' if chunk == '-' else f'--chunk={chunk}'
    bits_option = f'--bitmap-chunk={bits}' if bits else ''
    _, said = sh('mdadm --create /dev/md0 --metadata=1.2 --level=5 -n 3 --assume-clean --run '
                 f'--bitmap={kind} {chunk_option} {bits_option} /dev/a /dev/b /dev/c')
    found = superblock('a')
    if not found:
        why = 'too small' if 'too small' in said else 'no space' if 'no free space' in said else 'bitmap chunk'
        return f'{size} {chunk} {bitmap} | refused: {why}'
    assert found['dataSize'] == size - found['dataOffset'] and found['logSize'] == 8
    return (f"{size} {chunk} {bitmap} | data {found['dataOffset']} size {found['size']} chunk {found['chunk']} "
            f"bitmap {found.get('bitmapChunk', '-')} bblog {found['logOffset']}")


def places():
    lines = []
    for size in SIZES:
        for index, name in enumerate('abc'):
            attach(name, index, size)
        lines += [place(size, chunk, bitmap) for chunk in CHUNKS for bitmap in BITMAPS
                  if bitmap == 'none' or chunk in ('-', '64')]
        detach()
    return lines


def slot_cases():
    for level in (4, 5):
        for count in (2, 3, 4, 5):
            all_there = [f'd{i}' for i in range(count)]
            for flag in ('', '--force', '--assume-clean'):
                yield level, count, 0, flag, all_there
                for gone in range(count):
                    if level == 5 or count == 4:
                        yield level, count, 0, flag, ['.' if i == gone else d for i, d in enumerate(all_there)]
            if count == 4:
                for spares in (1, 2):
                    for flag in ('', '--force', '--assume-clean'):
                        yield level, count, spares, flag, all_there + [f'd{count + i}' for i in range(spares)]
                yield level, count, 1, '', ['d0', '.', 'd2', 'd3', 'd4']
                yield level, count, 1, '', all_there + ['.']
                yield level, count, 0, '', ['d0', '.', '.', 'd3']
    for level, count in ((6, 4), (6, 5), (1, 2), (1, 3), (10, 4)):
        all_there = [f'd{i}' for i in range(count)]
        for flag in ('', '--force', '--assume-clean'):
            yield level, count, 0, flag, all_there
            for gone in range(count):
                yield level, count, 0, flag, ['.' if i == gone else d for i, d in enumerate(all_there)]
        yield level, count, 1, '', all_there + [f'd{count}']
        if level == 6:
            yield level, count, 0, '', ['.', '.'] + all_there[2:]


def role(number):
    return 'S' if number == 65535 else str(number)


def slots():
    names = [f'd{i}' for i in range(8)]
    for index, name in enumerate(names):
        attach(name, index, 16384)
    lines = []
    for level, count, spares, flag, words in slot_cases():
        clear(names)
        options = [f'-l{level}', f'-n{count}'] + ([f'-x{spares}'] if spares else []) + ([flag] if flag else [])
        devices = ' '.join('missing' if word == '.' else f'/dev/{word}' for word in words)
        chunk = '' if level == 1 else '--chunk=64'
        sh(f"mdadm --create /dev/md0 --metadata=1.2 {chunk} --run {' '.join(options)} {devices}")
        found = [None if word == '.' else superblock(word) for word in words]
        one = next(block for block in found if block)
        numbers = ['.' if not block else f"{block['number']}:{role(block['roles'][block['number']])}"
                   for block in found]
        roles = [role(number) for number in one['roles']]
        while roles[-1] == 'S':
            roles.pop()
        lines.append(f"{' '.join(options)} {' '.join(words)} | {' '.join(numbers)} | roles {' '.join(roles)} | "
                     f"{'clean' if one['resync'] else 'resync'} layout {one['layout']}")
    detach()
    return lines


without_personalities()
keep('mdadm_layout.golden.json', {
    'about': [
        'mdadm 4.2 --create --metadata=1.2 under Linux 6.1, before the array ran. Made by goldens/layout.py.',
        'places: three devices of so many sectors, --chunk in KiB, --bitmap[:--bitmap-chunk] | what the superblocks then'
        ' say, in sectors (bitmap: bytes a bit).',
        "slots: options and devices ('.' is the word missing) | number:role of each device (S spare) | roles in each"
        ' superblock | resync_offset and stored layout.'],
    'places': places(), 'slots': slots()})
