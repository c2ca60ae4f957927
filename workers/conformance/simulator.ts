/** Asks the simulator: runs a script with the project's own command line, on images in a folder. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, CommandAnswer } from './answer.ts'
import { withScratch } from './scratch.ts'
import type { Script } from './script.ts'

/** Runs a script on the images of a folder, in place. Tests put their own in. */
export type RunInSimulator = (script: Script, disksFolder: string) => Promise<Answer>

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const TSX = join(PROJECT, 'node_modules/tsx/dist/cli.mjs')
const LAB = join(PROJECT, 'workers/node/lab.ts')
const PATIENCE_MS = 300_000

/** One process per script: `lab run FILE --disks DIR --json --keep-going`. */
export const runInSimulator: RunInSimulator = (script, disksFolder) =>
  withScratch('lab', async (scratch) => {
    const file = join(scratch, `${script.name}.lab`)
    writeFileSync(file, script.text)
    const words = [TSX, LAB, 'run', file, '--disks', disksFolder, '--json', '--keep-going']
    const { stdout, stderr, problem } = await run(words)
    const commands: CommandAnswer[] = []
    let unread: string | null = null
    for (const line of stdout.split('\n').filter((text) => text !== '')) {
      const answer = parseAnswer(line)
      if (answer === null) unread ??= `a line of its output is no answer: ${line.slice(0, 200)}`
      else commands.push(answer)
    }
    const silent =
      commands.length === 0 ? `it answered nothing: ${stderr.trim().split('\n').slice(-3).join(' / ')}` : null
    return { world: 'simulator', commands, disksFolder, problem: problem ?? unread ?? silent }
  })

function parseAnswer(line: string): CommandAnswer | null {
  try {
    const { command, stdout, stderr, status } = JSON.parse(line) as Partial<CommandAnswer>
    if (typeof command !== 'string' || typeof stdout !== 'string' || typeof status !== 'number') return null
    return { command, stdout, stderr: stderr ?? '', status }
  } catch {
    return null
  }
}

function run(words: string[]): Promise<{ stdout: string; stderr: string; problem: string | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, words, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let problem: string | null = null
    const timer = setTimeout(() => {
      problem = `it did not end within ${PATIENCE_MS / 1000} s`
      child.kill('SIGKILL')
    }, PATIENCE_MS)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', (error) => (problem = error.message))
    child.once('close', (_, signal) => {
      clearTimeout(timer)
      if (signal !== null) problem ??= `it was ended by ${signal}`
      resolve({ stdout, stderr, problem })
    })
  })
}
