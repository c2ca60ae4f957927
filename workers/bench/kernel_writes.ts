/** What the real kernel, as a process, makes of an array: random writes to it, or its resync. */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whyNoKernel } from '../conformance/kernel.ts'

const PROGRAM = join(import.meta.dirname, 'random_writes.c')
const GUEST = join(import.meta.dirname, 'kernel_guest.sh')
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
const PATIENCE_SECONDS = 90

/** What the kernel is to do. */
interface KernelTask {
  readonly task: 'writes' | 'resync'
  readonly level: 5 | 6
  readonly members: 4 | 5
  /** `image`: files of the host under loop devices, as the kernel comparison has them. `ram`: the least that a disk can be. */
  readonly disks: 'image' | 'ram'
  readonly diskKib: number
}

export interface KernelLoad extends Omit<KernelTask, 'task'> {
  /** Programs that write side by side, and how many writes each has under way. */
  readonly programs: number
  readonly depth: number
  readonly seconds: number
}

/** @returns null if it can be measured, else the reason in plain words */
export function whyNoKernelWrites(): string | null {
  const reason = whyNoKernel()
  if (reason !== null) return reason
  const compiles = spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0
  return compiles ? null : 'it needs gcc, to compile the program that writes'
}

/**
 * Boots a kernel, has it write, and ends it.
 * @returns writes of 4 KiB per second
 * @errors throws with what it printed where it did not come to an answer
 */
export function kernelWritesPerSecond(load: KernelLoad): Promise<number> {
  return ask({ task: 'writes', ...load })
}

/** @returns seconds that a resync of the whole array takes, as fast as it goes. @errors as {@link kernelWritesPerSecond} */
export function kernelResyncSeconds(shape: Omit<KernelTask, 'task'>): Promise<number> {
  return ask({ task: 'resync', programs: 0, depth: 0, seconds: 0, ...shape })
}

async function ask(load: KernelLoad & KernelTask): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const compiled = spawnSync('gcc', ['-O2', '-static', '-o', join(folder, 'random_writes'), PROGRAM], {
      encoding: 'utf8',
    })
    if (compiled.status !== 0) throw new Error(`the program was not compiled: ${compiled.stderr}`)
    const guest = join(folder, 'guest.sh')
    copyFileSync(GUEST, guest)
    const { diskKib, ...rest } = load
    const given = { ...rest, disk_kib: diskKib, 'none.img': '\0'.repeat(4096) }
    for (const [name, value] of Object.entries(given)) writeFileSync(join(folder, name), String(value))
    await boot(folder, guest)
    const answer = join(folder, 'answer')
    if (existsSync(answer)) return Number(readFileSync(answer, 'utf8'))
    const log = join(folder, 'log')
    throw new Error(`the kernel gave no answer: ${existsSync(log) ? readFileSync(log, 'utf8') : 'it did not start'}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function boot(folder: string, guest: string): Promise<void> {
  const words = ['mem=512M', 'rootfstype=hostfs', 'rootflags=/', 'rw', `init=${guest}`, `bench=${folder}`]
  const devices = [
    `ubd0=${join(folder, 'none.img')}`,
    `uml_dir=${folder}/`,
    'con=null',
    'con0=fd:0,fd:1',
    'quiet',
    'loglevel=0',
  ]
  return new Promise((resolve, reject) => {
    const kernel = spawn('linux.uml', [...words, ...devices], {
      detached: true,
      stdio: 'ignore',
      env: { PATH, HOME: folder, TMPDIR: process.env.TMPDIR ?? tmpdir() },
    })
    const kill = (): void => {
      try {
        if (kernel.pid !== undefined) process.kill(-kernel.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    const patience = setTimeout(kill, PATIENCE_SECONDS * 1000)
    process.once('exit', kill)
    kernel.once('error', reject)
    kernel.once('exit', () => {
      clearTimeout(patience)
      process.off('exit', kill)
      kill()
      resolve()
    })
  })
}
