"""What mdadm --create says and how it exits: ../mdadm_create.golden.json."""
import re

from guest import *

SECTORS = {'d0': 16384, 'd1': 16384, 'd2': 16384, 'd3': 16384, 'd4': 16384, 'd5': 16384, 'big': 20480, 'near': 16500,
           'tiny': 2048, 'nano': 16, 'odd': 16391}
C = '--create /dev/md0 --metadata=1.2 '
L5 = C + '--level=5 --raid-devices=3 '
G = L5 + '--chunk=64 '
D3 = ' /dev/d0 /dev/d1 /dev/d2'
D4 = D3 + ' /dev/d3'


def cases():
    yield from [
        G + D3, G + '--run' + D3, C + '--raid-devices=3' + D3, C + '--level=5' + D3,
        C + '--level=55 --raid-devices=3' + D3, C + '--level=raid5 --raid-devices=3 --chunk=64' + D3,
        C + '--level=5 --raid-devices=0' + D3, C + '--level=5 --raid-devices=x' + D3,
        C + '--level=5 --raid-devices=-1' + D3, C + '--level=5 --raid-devices=1 /dev/d0',
        C + '--level=5 --raid-devices=1 --force /dev/d0', C + '--level=4 --raid-devices=1 --force /dev/d0',
        C + '--level=6 --raid-devices=3' + D3, C + '--level=5 --raid-devices=2 --chunk=64 --run /dev/d0 /dev/d1',
        C + '--level=4 --raid-devices=2 --chunk=64 --run /dev/d0 /dev/d1',
        C + '--level=1 --raid-devices=2 --run /dev/d0 /dev/d1',
        C + '--level=1 --raid-devices=2 --chunk=64 --run /dev/d0 /dev/d1',
        G + D4, G + '/dev/d0 /dev/d1', G + '/dev/d0', G, C + '--level=5 --raid-devices=4 --chunk=64' + D3]
    for chunk in ['0', '1', '2', '3', '4', '5', '6', '7', '12', '24', '64k', '64K', '64s', '8s', '7s', '1M', '1G', '4G',
                  'x', '', '-4', '4096', '8192', '512', '7168', '1000', '64KB', '9s', '4.5']:
        yield L5 + f"--run --chunk='{chunk}'" + D3
    yield G + '--chunk=128' + D3
    for layout in ['left-asymmetric', 'right-asymmetric', 'left-symmetric', 'right-symmetric', 'la', 'ra', 'ls', 'rs',
                   'parity-first', 'parity-last', 'default', 'ddf-zero-restart', 'ddf-N-restart', 'ddf-N-continue',
                   '0', '2', '5', 'parity-first-6', 'LS', 'n2', 'foo', '']:
        yield G + f"--run --assume-clean --layout='{layout}'" + D3
    yield C + '--layout=ls --level=5 --raid-devices=3 --chunk=64' + D3
    yield G + '--layout=ls --layout=rs' + D3
    for layout in ['ls', 'parity-first', 'default']:
        yield C + f'--level=4 --raid-devices=3 --chunk=64 --layout={layout}' + D3
    yield C + '--level=1 --layout=ls --raid-devices=2 /dev/d0 /dev/d1'
    for bitmap in ['internal', 'none', 'foo', 'INTERNAL', '']:
        yield G + f"--run --bitmap='{bitmap}'" + D3
    for chunk in ['0', '1', '2', '3', '4', '5', '8', '12', '64', '64k', '64K', '64M', '1G', '2G', '4G', '1s', '2s', '8s',
                  'x', '', '-4', '512s']:
        yield G + f"--run --bitmap=internal --bitmap-chunk='{chunk}'" + D3
    yield from [
        G + '--run --bitmap=none --bitmap-chunk=64' + D3, G + '--run --bitmap-chunk=64' + D3,
        G + '--bitmap=none --bitmap=internal' + D3,
        G + '/dev/d0 missing /dev/d2', G + '--run /dev/d0 missing /dev/d2', G + '--run missing missing /dev/d2',
        G + 'missing missing /dev/d2', G + '--run missing missing missing', G + '--run --force /dev/d0 missing missing',
        G + '/dev/d0 Missing /dev/d2', G + '--run --assume-clean /dev/d0 missing missing',
        G + '/dev/d0 /dev/d0 /dev/d2', G + '/dev/d0 /dev/d1 /dev/d0', G + '--run --force /dev/d0 /dev/d1 /dev/d0',
        G + '/dev/d0 /dev/nope /dev/d2', G + '/dev/d0 /etc/passwd /dev/d2', G + '/dev/d0 nope /dev/d2',
        G + '/dev/d0 /dev/zero /dev/d2', G + '/dev/d0 /dev/d1 /dev/tiny', G + '/dev/d0 /dev/d1 /dev/nano',
        G + '/dev/tiny /dev/tiny /dev/nano', L5 + '/dev/d0 /dev/d1 /dev/tiny',
        G + '/dev/d0 /dev/d1 /dev/big', G + '--run /dev/d0 /dev/d1 /dev/big', G + '/dev/d0 /dev/d1 /dev/near',
        G + '/dev/big /dev/big2 /dev/d1', G + '/dev/d0 /dev/d1 /dev/odd',
        '--create --metadata=1.2 --level=5 --raid-devices=3 --chunk=64', '--create',
        '--create /dev/md0 --metadata=1.3 --level=5 --raid-devices=3' + D3,
        '--create /dev/md0 --level=5 --raid-devices=3 --chunk=64' + D3,
        '--create /dev/md0 --metadata=1.2 --metadata=1.2 --level=5 --raid-devices=3 --chunk=64' + D3,
        G + '--uuid=foo' + D3, G + '--uuid=00112233:44556677:8899aabb:ccddeeff --assume-clean' + D3,
        G + '--uuid=00112233-44556677.8899aabb:ccddeeff --assume-clean' + D3,
        G + '--uuid=0011223344556677 --assume-clean' + D3, G + '--name=foo --assume-clean' + D3,
        G + '--name=host:foo --assume-clean' + D3, G + '--bogus' + D3, G + '--level=4' + D3,
        G + '--raid-devices=4' + D3, C + '--level=5 --raid-devices=3 --spare-devices=1 --chunk=64' + D4,
        C + '--level=5 --raid-devices=3 --spare-devices=1 --chunk=64' + D3, C + '-l5 -n3 -c64 --run' + D3]


def answer(words, md='md0'):
    done = subprocess.run(f'mdadm {words.replace("/dev/md0", "/dev/" + md)}', shell=True, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    said = re.sub('ctime=.*', 'ctime=DATE', done.stderr.replace(NOISE, ''))
    return {'words': words, 'status': done.returncode, 'stderr': said.rstrip('\n').split('\n')}


def clear():
    stop()
    for name in SECTORS:
        with open(name, 'r+b') as file:
            file.write(bytes(8192 if name == 'nano' else 65536))
    sh(f'for i in $(seq 0 {len(SECTORS) - 1}); do blockdev --flushbufs /dev/loop$i; done')


def after(words, what, and_then='', md='md0'):
    clear()
    sh(f'mdadm {G}--run --assume-clean{D3}; {and_then}')
    return {**answer(words, md), 'after': what}


with_personalities()
for index, (name, sectors) in enumerate(SECTORS.items()):
    attach(name, index, sectors)
found = []
for words in cases():
    clear()
    found.append(answer(words))
for flags in ('', '--run', '--run --force'):
    found.append(after(G + flags + D3, 'an array of d0 d1 d2 that was stopped', 'mdadm --stop /dev/md0'))
for words in (G + '--run' + D3, G + '/dev/d0 /dev/d4 /dev/d5'):
    found.append(after(words, 'an array of d0 d1 d2 that runs', md='md1'))
clear()
detach()
keep('mdadm_create.golden.json', {
    'about': ['mdadm 4.2 --create under Linux 6.1: words, exit status, standard error. Made by goldens/create.py.'],
    'sectors': SECTORS, 'cases': found})
