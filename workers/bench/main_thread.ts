/**
 * What the main thread of a page does for a while, from the browser's own trace. Counted is the processor's time, not the clock's: what
 * else the machine does meanwhile does not come into it.
 */
import type { CDPSession } from 'playwright-core'

const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel', 'v8']
const TASK = /^(RunTask|ThreadControllerImpl::RunTask)$/
const SCRIPT =
  /^(FunctionCall|EvaluateScript|FireAnimationFrame|TimerFire|RunMicrotasks|EventDispatch|MinorGC|MajorGC)$/

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** Of the thread's own time, in microseconds. */
  readonly tdur?: number
  readonly args?: { readonly name?: string; readonly data?: unknown }
}

/** All in milliseconds of the processor's time. */
export interface MainThread {
  readonly longestTask: number
  readonly scriptPerFrame: number
  readonly frames: number
}

/** Watches the thread while something goes on. */
export async function watchMainThread(session: CDPSession, meanwhile: () => Promise<void>): Promise<MainThread> {
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] },
  })
  await meanwhile()
  await session.send('Tracing.end')
  await complete
  return judge(events)
}

function judge(events: readonly TraceEvent[]): MainThread {
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
  const isFrame = ({ name }: TraceEvent): boolean => name === 'FireAnimationFrame'
  // Of several renderers, the one that draws.
  const counts = mains.map(
    ({ pid, tid }) => events.filter((event) => event.pid === pid && event.tid === tid && isFrame(event)).length,
  )
  const { pid, tid } = mains[counts.indexOf(Math.max(...counts))]
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X')
  const tasks = own.filter(({ name }) => TASK.test(name))
  const frames = Math.max(1, ...counts)
  return {
    longestTask: Math.max(0, ...tasks.map(timeOf)) / 1000,
    scriptPerFrame:
      outermost(own.filter(({ name }) => SCRIPT.test(name))).reduce((sum, event) => sum + timeOf(event), 0) /
      1000 /
      frames,
    frames,
  }
}

const timeOf = ({ tdur, dur }: TraceEvent): number => tdur ?? dur ?? 0

/** Without those that lie within others. */
function outermost(events: readonly TraceEvent[]): TraceEvent[] {
  let end = -1
  return [...events]
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
    .filter((event) => {
      if (event.ts < end) return false
      end = event.ts + (event.dur ?? 0)
      return true
    })
}
