"""What the golden scripts share: loop disks, mdadm, and a reader of superblocks. Runs as root inside the guest."""
import base64
import glob
import json
import os
import struct
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = '--uuid=00112233:44556677:8899aabb:ccddeeff'
NOISE = ('mdadm: Fail to create md0 when using /sys/module/md_mod/parameters/new_array, '
         'fallback to creation via node\n')


def modules(*names):
    for name in names:
        for path in glob.glob(f'/usr/lib/uml/modules/*/kernel/**/{name}.ko', recursive=True):
            subprocess.run(['insmod', path] + (['max_loop=64'] if name == 'loop' else []), stderr=subprocess.DEVNULL)


def without_personalities():
    """md alone: mdadm writes everything, and the kernel refuses to run the array and so changes nothing."""
    modules('async_tx', 'async_memcpy', 'async_xor', 'async_pq', 'async_raid6_recov', 'md-mod', 'loop')


def with_personalities():
    without_personalities()
    modules('raid1', 'raid10', 'raid456', 'raid0')


def sh(command, answer=''):
    done = subprocess.run(command, shell=True, input=answer, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).replace(NOISE, '')


def read(path):
    with open(path) as file:
        return file.read()


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def attach(name, index, sectors):
    with open(name, 'wb') as file:
        file.truncate(sectors * 512)
    assert sh(f'losetup /dev/loop{index} {name}')[0] == 0
    sh(f'ln -sf loop{index} /dev/{name}')


def stop(md='md0'):
    for _ in range(100):
        if f'{md} :' not in read('/proc/mdstat'):
            return
        sh(f'mdadm --stop /dev/{md}')
        time.sleep(0.05)


def detach():
    for _ in range(100):
        sh('mdadm -Sq --scan; losetup -D')
        if not sh('losetup -a')[1].strip():
            return
        time.sleep(0.05)
    raise RuntimeError('disks are still held')


def calm():
    quiet = 0
    while quiet < 6:
        busy = any(word in read('/proc/mdstat') for word in ('resync', 'recovery', 'check', 'PENDING'))
        quiet = 0 if busy else quiet + 1
        time.sleep(0.05)


def speed(kib):
    for limit in ('min', 'max'):
        write(f'/proc/sys/dev/raid/speed_limit_{limit}', str(kib))


def fast():
    speed(200000)


def fresh(letters, sectors=18432):
    calm()
    fast()
    detach()
    for index, letter in enumerate(letters):
        attach(letter, index, sectors)


def create(options, devices, metadata='1.2', md='md0'):
    words = ' '.join(word if word == 'missing' else f'/dev/{word}' for word in devices.split())
    status, said = sh(f'mdadm --create /dev/{md} --metadata={metadata} --run {options} {words}')
    assert status == 0, said


def direct(name, at, length):
    """Bytes as they are on the disk, past all caches."""
    return subprocess.run(['dd', f'if=/dev/{name}', 'iflag=direct', 'bs=512', f'skip={at // 512}',
                           f'count={length // 512}'], capture_output=True).stdout


def put(name, at, data):
    file = os.open(f'/dev/{name}', os.O_WRONLY)
    os.pwrite(file, data, at)
    os.fsync(file)
    os.close(file)
    sh(f'blockdev --flushbufs /dev/{name}')


def base64_of(data):
    return base64.b64encode(data).decode()


def superblock(name):
    """The fields of a superblock 1.2 that mdadm decides, and its bitmap's; None if there is none."""
    with open(name, 'rb') as file:
        block = file.read(12288)
    sb, bitmap = block[4096:8192], block[8192:12288]
    if sb[:4] != b'\xfc\x4e\x2b\xa9':
        return None
    at = lambda form, offset: struct.unpack_from('<' + form, sb, offset)[0]
    count = at('I', 220)
    found = {'features': at('I', 8), 'layout': at('I', 76), 'size': at('Q', 80), 'chunk': at('I', 88),
             'bitmapOffset': at('i', 96), 'dataOffset': at('Q', 128), 'dataSize': at('Q', 136),
             'number': at('I', 160), 'logSize': at('H', 186), 'logOffset': at('i', 188), 'resync': at('Q', 208),
             'roles': list(struct.unpack_from(f'<{count}H', sb, 256))}
    if found['features'] & 1:
        found['bitmapChunk'] = struct.unpack_from('<I', bitmap, 52)[0]
        assert struct.unpack_from('<Q', bitmap, 40)[0] == found['size'] and bitmap[256:] == b'\xff' * 3840
    return found


def keep(golden, data):
    with open(os.path.join(HERE, '..', golden), 'w') as file:
        json.dump(data, file, indent=1)
        file.write('\n')
