/**
 * The kernel's answers, kept beside their scripts. A golden is an observation and where it comes from: the script's hash, the
 * kernel, mdadm, and for a script that starts from another's images the hash of those images.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Observation } from './observation.ts'

export interface Golden extends Observation {
  /** Hash of the script's text. */
  readonly script: string
  readonly kernel: string
  readonly mdadm: string
  /** Hash of the images it started from, if these are not made from declarations. */
  readonly images?: string
}

export function goldenPath(folder: string, name: string): string {
  return join(folder, `${name}.golden.json`)
}

/** @returns null if there is none */
export function readGolden(folder: string, name: string): Golden | null {
  const file = goldenPath(folder, name)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Golden) : null
}

export function writeGolden(folder: string, name: string, golden: Golden): void {
  writeFileSync(goldenPath(folder, name), formatGolden(golden))
}

/** JSON with one line per thing that changes on its own: a command, a line of output, a structure of a disk. */
export function formatGolden(golden: Golden): string {
  const { script, kernel, mdadm, images, commands, disks } = golden
  const out: string[] = ['{']
  out.push(`  "script": ${JSON.stringify(script)},`)
  out.push(`  "kernel": ${JSON.stringify(kernel)},`)
  out.push(`  "mdadm": ${JSON.stringify(mdadm)},`)
  if (images !== undefined) out.push(`  "images": ${JSON.stringify(images)},`)
  out.push('  "commands": [')
  commands.forEach(({ command, status, stdout, fields }, i) => {
    const end = i + 1 < commands.length ? ',' : ''
    const head = `    {"command": ${JSON.stringify(command)}, "status": ${status}`
    if (fields !== undefined) out.push(`${head}, "fields": ${oneLine(fields)}}${end}`)
    else if (stdout === undefined || stdout.length === 0) out.push(`${head}, "stdout": []}${end}`)
    else {
      out.push(`${head}, "stdout": [`)
      stdout.forEach((line, n) => out.push(`      ${JSON.stringify(line)}${n + 1 < stdout.length ? ',' : ''}`))
      out.push(`    ]}${end}`)
    }
  })
  out.push('  ],', '  "disks": {')
  const names = Object.keys(disks)
  names.forEach((name, i) => {
    const parts = Object.entries(disks[name]!).filter(([, value]) => value !== undefined)
    out.push(`    ${JSON.stringify(name)}: {`)
    parts.forEach(([key, value], n) => {
      out.push(`      ${JSON.stringify(key)}: ${oneLine(value)}${n + 1 < parts.length ? ',' : ''}`)
    })
    out.push(`    }${i + 1 < names.length ? ',' : ''}`)
  })
  out.push('  }', '}', '')
  return out.join('\n')
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}: ${oneLine(inner)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value)
}
