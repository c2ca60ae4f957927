/**
 * Asks the real kernel: boots Debian's user-mode Linux once for many scripts and returns what each command printed.
 *
 * The guest (`guest.sh`) finds its work in a fresh temporary folder, and the images it works on lie there, too; nothing else of
 * the host is writable for it. Each script has loop devices of its own, numbered from 0 in the order of the disks' names. A
 * script takes its own devices down at its end, so that images are compared at rest; what it leaves behind is taken down by
 * the guest and reported as a problem.
 */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from './answer.ts'
import { diskNames, imagePath } from './disks.ts'
import { withScratch } from './scratch.ts'
import { sleepSeconds } from './script.ts'
import type { Script } from './script.ts'

/** One script and the folder with its images. */
export interface Question {
  readonly script: Script
  readonly disksFolder: string
  /** Name of an earlier question of the same list whose power cut makes the disks of this one. */
  readonly madeBy?: string
  /** For a script that cuts the power among others: called while the kernel stands still, with the images as they are then. */
  readonly whenCut?: (imagesFolder: string) => void
  /** Nobody looks at what time does to its bitmaps and counts of events: `settle` need not wait for it. */
  readonly isBrisk?: boolean
  /** Seconds the script may take beyond its own sleeps. */
  readonly patienceSeconds?: number
}

export interface Kernel {
  /** `6.1.176` and `4.2`, for the goldens. */
  readonly release: string
  readonly mdadm: string
  readonly answers: Map<string, Answer>
}

const PACKAGES = ['user-mode-linux', 'mdadm', 'dmsetup', 'cryptsetup-bin']
const TOOLS = ['linux.uml', 'mdadm', 'dmsetup', 'veritysetup', 'integritysetup', 'losetup', 'hexdump', 'perl']
const PATH = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'
const GUEST = fileURLToPath(new URL('./guest.sh', import.meta.url))
const MEMORY_MIB = 512
/** Seconds a script may take beyond its own sleeps, and a boot. */
const PATIENCE_SECONDS = 120
const POLL_MS = 50

/**
 * Sees to it that a kernel can be had; installs what is missing when that is possible (root on Debian).
 * @returns null if it can, else the reason in plain words
 */
export function whyNoKernel(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it needs Linux on x86-64'
  if (process.getuid?.() !== 0) return 'it needs root (mounts, loop devices), and this is not root'
  if (TOOLS.every(isInstalled)) return null
  if (!existsSync('/etc/debian_version'))
    return `it needs Debian's packages ${PACKAGES.join(', ')}, and this is not Debian`
  const apt = (...words: string[]): boolean =>
    spawnSync('apt-get', ['-q', '-y', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  const install = ['install', '--no-install-recommends', ...PACKAGES]
  if (!apt(...install)) {
    apt('update')
    if (!apt(...install)) return `apt-get could not install ${PACKAGES.join(', ')}`
  }
  const missing = TOOLS.filter((tool) => !isInstalled(tool))
  return missing.length === 0 ? null : `${missing.join(', ')} not found even after installing ${PACKAGES.join(', ')}`
}

/** Whether a script needs raid6check, which Debian does not ship, and it is not here. Built from mdadm 4.2, it belongs in /usr/local/sbin. */
export function lacksTool(script: Script): boolean {
  return script.commands.some(({ text }) => text.startsWith('raid6check ')) && !isInstalled('raid6check')
}

function isInstalled(tool: string): boolean {
  return PATH.split(':').some((folder) => existsSync(join(folder, tool)))
}

/**
 * Runs scripts one after the other in the kernel, on their images in place. A script that hangs costs a new boot for the rest.
 * @errors throws an Error if the kernel does not start
 */
export async function askKernel(questions: readonly Question[]): Promise<Kernel> {
  const answers = new Map<string, Answer>()
  let release = ''
  let left = [...questions]
  while (left.length > 0) {
    const before = left.length
    await withScratch('judge', async (scratch) => {
      release = (await bootFor(left, scratch, 'loop', answers)) || release
      left = left.filter((question) => !answers.has(question.script.name))
      if (left.length === before) throw new Error(`the kernel did not start: ${consoleTail(scratch)}`)
    })
  }
  return { release, mdadm: mdadmVersion(), answers }
}

/**
 * Runs a script whose `power cut` line kills the kernel in the middle of its work. Its disks are ubd devices, which have no
 * cache: the images keep every write that the host had been given, acknowledged or not.
 */
export async function cutKernel(question: Question): Promise<void> {
  await withScratch('judge', async (scratch) => {
    await bootFor([question], scratch, 'ubd', new Map())
    if (!existsSync(join(scratch, jobName(0), 'cut'))) {
      throw new Error(`${question.script.name}: the power was never cut: ${consoleTail(scratch)}`)
    }
  })
}

/** Where the file lies that is the guest's memory: in memory, if there is room and it may be executed from there. */
function memoryFolder(): string {
  const folder = '/dev/shm'
  if (!existsSync(folder)) return tmpdir()
  const { bavail, bsize } = statfsSync(folder)
  const mount = read('/proc/mounts')
    .split('\n')
    .find((line) => line.split(' ')[1] === folder)
  const isExecutable = mount?.split(' ')[3]?.split(',').includes('noexec') === false
  return isExecutable && bavail * bsize > 2 * MEMORY_MIB * 2 ** 20 ? folder : tmpdir()
}

function mdadmVersion(): string {
  const said = spawnSync('mdadm', ['--version'], { env: { PATH }, encoding: 'utf8' })
  return /v([\d.]+)/.exec(`${said.stdout}${said.stderr}`)?.[1] ?? 'unknown'
}

function jobName(index: number): string {
  return String(index).padStart(4, '0')
}

/** Lays out the folder that the guest reads, boots it, collects the answers. Returns the kernel's release. */
async function bootFor(
  questions: readonly Question[],
  scratch: string,
  kind: 'loop' | 'ubd',
  answers: Map<string, Answer>,
): Promise<string> {
  const guest = join(scratch, 'guest.sh')
  copyFileSync(GUEST, guest)
  chmodSync(guest, 0o755)
  const queue: string[] = []
  // The guest can write below the scratch folder only; the images go there and come back.
  const layDisks = (index: number): void => {
    const { disksFolder } = questions[index]!
    const job = join(scratch, jobName(index))
    const names = existsSync(disksFolder) ? diskNames(disksFolder) : []
    if (names.length > 0) renameSync(disksFolder, join(job, 'disks'))
    writeFileSync(join(job, 'names'), names.map((name) => `${name}\n`).join(''))
  }
  const made = questions.map(({ madeBy }) => questions.findIndex(({ script }) => script.name === madeBy))
  questions.forEach(({ script, isBrisk }, index) => {
    const job = join(scratch, jobName(index))
    mkdirSync(job)
    if (isBrisk === true) writeFileSync(join(job, 'brisk'), '')
    if (made[index]! < 0) layDisks(index)
    script.commands.forEach((command, n) => writeFileSync(join(job, `cmd.${n}`), `${command.text}\n`))
    writeFileSync(join(job, 'count'), `${script.commands.length}\n`)
    queue.push(`${jobName(index)} ${kind}\n`)
  })
  writeFileSync(join(scratch, 'queue'), queue.join(''))
  const disksOfFirst = join(scratch, jobName(0), 'disks')
  const disks =
    kind === 'ubd' ? diskNames(disksOfFirst).map((name, i) => `ubd${i + 1}=${imagePath(disksOfFirst, name)}`) : []
  writeFileSync(join(scratch, 'none.img'), new Uint8Array(4096))
  const boot = [`mem=${MEMORY_MIB}M`, 'rootfstype=hostfs', 'rootflags=/', 'rw', `init=${guest}`, `judge=${scratch}`]
  const device = [`ubd0=${join(scratch, 'none.img')}`, ...disks, `uml_dir=${scratch}/`]
  const log = openSync(join(scratch, 'console'), 'w')
  const machine = spawn('linux.uml', [...boot, ...device, 'con=null', 'con0=fd:0,fd:1', 'quiet', 'loglevel=0'], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH, HOME: scratch, TMPDIR: memoryFolder() },
  })
  closeSync(log)
  const giveBack = (index: number): void => {
    const disks = join(scratch, jobName(index), 'disks')
    if (existsSync(disks)) renameSync(disks, questions[index]!.disksFolder)
  }
  const takeDisks = (index: number): void => {
    questions[index]!.whenCut?.(join(scratch, jobName(index), 'disks'))
    made.forEach((by, heir) => by === index && layDisks(heir))
  }
  try {
    await watch(machine, questions, scratch, kind === 'loop' ? takeDisks : null, (index) => {
      const answer = collect(questions[index]!, join(scratch, jobName(index)))
      giveBack(index)
      answers.set(questions[index]!.script.name, answer)
    })
  } finally {
    questions.forEach((_, index) => giveBack(index))
  }
  return read(join(scratch, 'release')).trim()
}

/**
 * Waits for the guest: hands over each finished script, pulls the plug where a script asks for it or takes too long.
 * @param takeDisks where a cut is not the end of the machine: it is stopped for so long as this takes, and goes on
 */
async function watch(
  machine: ChildProcess,
  questions: readonly Question[],
  scratch: string,
  takeDisks: ((index: number) => void) | null,
  finished: (index: number) => void,
): Promise<void> {
  let ended = false
  const end = new Promise<void>((resolve) => {
    const over = (): void => {
      ended = true
      resolve()
    }
    machine.once('exit', over)
    machine.once('error', over)
  })
  const pullPlug = (): void => {
    try {
      if (machine.pid !== undefined) process.kill(-machine.pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
  const kill = async (): Promise<void> => {
    pullPlug()
    await end
  }
  let index = 0
  let deadline = Date.now() + patienceMs(questions[0]!)
  process.once('exit', pullPlug)
  try {
    while (index < questions.length) {
      const job = join(scratch, jobName(index))
      const cut = read(join(job, 'cut')).trim()
      if (cut !== '' && takeDisks === null) {
        await pause(timeMs(cut))
        await kill()
        finished(index)
        return
      }
      if (cut !== '' && takeDisks !== null && !existsSync(join(job, 'go'))) {
        await pause(timeMs(cut))
        // The kernel is one process, and everything it runs waits for it.
        process.kill(machine.pid!, 'SIGSTOP')
        takeDisks(index)
        process.kill(machine.pid!, 'SIGCONT')
        writeFileSync(join(job, 'go'), '')
      }
      if (read(join(job, 'done')) !== '') {
        finished(index++)
        if (index < questions.length) deadline = Date.now() + patienceMs(questions[index]!)
      } else if (ended || Date.now() > deadline) {
        await kill()
        // A script that never began is asked again with the next boot; one that hangs has its answer.
        if (existsSync(join(job, 'at'))) finished(index)
        return
      } else {
        await pause(POLL_MS)
      }
    }
  } finally {
    process.off('exit', pullPlug)
    // Everything has been written and synced: the guest is not needed to shut down in good order.
    await kill()
  }
}

function patienceMs(question: Question): number {
  return 1000 * ((question.patienceSeconds ?? PATIENCE_SECONDS) + 1.5 * sleepSeconds(question.script))
}

/** `250us`, `3ms`, `2s`, or bare seconds. */
function timeMs(text: string): number {
  const value = parseFloat(text)
  return text.endsWith('us') ? value / 1000 : text.endsWith('ms') ? value : value * 1000
}

function collect({ script, disksFolder }: Question, job: string): Answer {
  const problems: string[] = []
  if (!existsSync(join(job, 'done')) && !existsSync(join(job, 'cut'))) {
    problems.push(`it did not end: it was at command ${Number(read(join(job, 'at'))) + 1}`)
  }
  const left = read(join(job, 'left')).trim()
  if (left !== '') problems.push(`the script leaves devices behind: ${left.split('\n').join('; ')}`)
  const stuck = read(join(job, 'stuck')).trim()
  if (stuck !== '') problems.push(`loop devices could not be detached: ${stuck.split('\n').join('; ')}`)
  const commands = script.commands.map((command, n) => ({
    command: command.text,
    stdout: read(join(job, `out.${n}`)),
    stderr: read(join(job, `err.${n}`)),
    status: Number(read(join(job, `rc.${n}`)) || '-1'),
  }))
  return { world: 'kernel', commands, disksFolder, problem: problems.length === 0 ? null : problems.join('; ') }
}

function consoleTail(scratch: string): string {
  return read(join(scratch, 'console')).trim().split('\n').slice(-5).join(' / ')
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
