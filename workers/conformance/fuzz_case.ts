/** A case of the fuzzer: a short script of the lab language in parts, so that parts of it can be left out. */
import { parseScript, type Script, type World } from './script.ts'

/** Lines that belong together: what is done and the wait for its end. */
export type Deed = readonly string[]

/** What comes before a power cut; the case itself begins with the disks as the cut left them. */
export interface FuzzCut {
  readonly cutIn: World
  readonly deeds: readonly Deed[]
  /** Packed images that a cut in the kernel left once: they differ from cut to cut. */
  readonly images?: string
}

export interface FuzzCase {
  readonly name: string
  /** What it is about, for the counts: a type of raid, a level of md, what is wrong. */
  readonly kind: string
  /** Declarations of disks. */
  readonly disks: readonly string[]
  /** Other lines of the header. */
  readonly header: readonly string[]
  readonly cut: FuzzCut | null
  readonly deeds: readonly Deed[]
  /** Takes everything down; never left out. */
  readonly ending: Deed
}

/** The scripts of a case: its own, and the one that is cut before it. */
export interface FuzzScripts {
  readonly script: Script
  readonly cut: Script | null
}

/** Puts a case into the form of the suite. */
export function scriptsOf(one: FuzzCase): FuzzScripts {
  const { after, cut } = textsOf(one)
  return {
    script: parseScript(cut === null ? one.name : `${one.name}.after`, after),
    cut: cut === null ? null : parseScript(`${one.name}.cut`, cut),
  }
}

/** The files of a case: `NAME.lab`, or `NAME.cut.lab` and `NAME.after.lab`. */
export function textsOf({ name, kind, disks, header, cut, deeds, ending }: FuzzCase): {
  after: string
  cut: string | null
} {
  const title = `# ${kind}`
  const body = withoutIdleWaits([...deeds, ending])
  if (cut === null) return { after: `${[title, ...header, ...disks].join('\n')}\n\n${body}\n`, cut: null }
  const before = withoutIdleWaits(cut.deeds)
  return {
    after: `${[title, `#! disks-from ${name}`, ...header].join('\n')}\n\n${body}\n`,
    cut: `${[title, `#! cut-in ${cut.cutIn}`, ...disks].join('\n')}\n\n${before}\n`,
  }
}

/** Lines after which a machine at rest still rests. */
const IDLE = /^(settle|dmsetup (status|table)|cat |sha256sum \/tmp|blockdev |mdadm --(detail|examine))/

/** The lines of deeds; a wait behind which nothing has happened since the last one is left out. */
function withoutIdleWaits(deeds: readonly Deed[]): string {
  let rests = false
  const kept = deeds.map((deed) =>
    deed.filter((line) => {
      const isIdle = line === 'settle' && rests
      rests = line === 'settle' || (rests && IDLE.test(line))
      return !isIdle
    }),
  )
  return kept.map((lines) => lines.join('\n')).join('\n\n')
}

/** How many lines a person has to read, at most. */
export function lineCount({ cut, deeds, ending }: FuzzCase): number {
  return [...(cut?.deeds ?? []), ...deeds, ending].reduce((sum, lines) => sum + lines.length, 0)
}
