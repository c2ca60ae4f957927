/**
 * This page as a part of another one: that page's messages drive the machine, and it is told what happens. It listens to the page
 * that embeds it and to nobody else, and answers only where the first message came from, or where `?origin=` says.
 */
import type { Frame } from '../../engine/api/frame.ts'
import { machineStore } from './machine_store.ts'
import { openLink } from './connection.ts'
import { linkTo, presentMoment } from './copy_link.ts'
import { EMBED_VERSION, readOrder, type Order } from './embed_orders.ts'
import { enginePort, typeLine } from './engine.ts'
import { readFragment } from './fragment.ts'
import { linkStore } from './link_store.ts'
import { timeStore } from './time_store.ts'
import { eachReceived } from './worker_machine.ts'

/** Between two messages that say where the machine is, in milliseconds. */
const MOMENT_GAP = 100
/** Orders that may wait for their answers. */
const ORDERS_MAX = 64

type Fields = Readonly<Record<string, unknown>>

/** Where answers go: an origin, or everybody where the embedding page has none of its own. */
let target: string | undefined
let isReady = false
let isGreeted = false
let waiting = 0
let sentMoment = ''
let sentAt = -Infinity
let belated: ReturnType<typeof setTimeout> | undefined

/** Begins to listen, where there is a page that embeds this one. */
export function listenToParent(): void {
  if (parent === window) return
  const origin = new URLSearchParams(location.search).get('origin')
  if (origin !== null) target = origin
  addEventListener('message', (event) => {
    if (event.source !== parent) return
    if (target !== undefined && event.origin !== (target === '*' ? 'null' : target)) return
    const message = readOrder(event.data)
    if (message === null) return
    target ??= event.origin === 'null' ? '*' : event.origin
    isGreeted = true
    const { id } = message
    if ('trouble' in message) answer(id, { ok: false, reason: message.trouble })
    else if (waiting >= ORDERS_MAX) answer(id, { ok: false, reason: `${ORDERS_MAX} orders are waiting already` })
    else void obey(id, message.order)
  })
  eachReceived(tellFrame)
  linkStore.subscribe(tellLink)
  machineStore.subscribe(({ condition, trouble }, before) => {
    if (condition === 'failed' && before.condition !== 'failed') tell('trouble', { reason: trouble })
  })
}

async function obey(id: string | number | undefined, order: Order): Promise<void> {
  waiting++
  try {
    answer(id, { ok: true, ...(await carryOut(order)) })
  } catch (error) {
    answer(id, { ok: false, reason: error instanceof Error ? error.message : String(error) })
  } finally {
    waiting--
  }
}

/** @returns what the answer says besides that all went well @errors says why not */
async function carryOut(order: Order): Promise<Fields> {
  if (order.type === 'hello') {
    if (isReady) tell('ready', { version: EMBED_VERSION })
    return {}
  }
  if (order.type === 'open') return open(order.moment)
  const port = enginePort()
  if (port === undefined || machineStore.getState().condition !== 'running') throw new Error('there is no machine yet')
  switch (order.type) {
    case 'run':
      await typeLine(order.line)
      return {}
    case 'play':
      await port.play()
      return {}
    case 'pause':
      await port.pause()
      return {}
    case 'step':
      if (order.count < 0) return went(await port.seek(Math.max(0, machineStore.getState().steps + order.count)))
      if ((await port.step(order.count)) === false)
        throw new Error('nothing more happens, or something else was asked for')
      return {}
    case 'seek':
      return went(await port.seek(order.step))
    case 'live':
      return went(await port.live())
    case 'undo':
      return went(await port.undo())
    case 'speed':
      await port.setSpeed(order.speed * 1e9)
      return {}
    case 'begin':
      await port.beginEmpty(order.seed)
      await port.play()
      return {}
    case 'moment':
      return momentFields()
    case 'link': {
      const { text, reason, step, images } = await presentMoment()
      if (text === null) throw new Error(reason ?? 'there is none')
      return { link: linkTo(text), moment: text, step, images }
    }
  }
}

/** @param moment the text itself, or an address that has it */
async function open(moment: string): Promise<Fields> {
  const at = moment.indexOf('#')
  await openLink(readFragment(at < 0 ? moment : moment.slice(at))?.moment)
  const { link } = linkStore.getState()
  if (link.kind === 'refused') throw new Error(link.reason)
  if (link.kind === 'images') throw new Error('it began on disks whose images it needs')
  return {}
}

function went(refusal: string | null): Fields {
  if (refusal !== null) throw new Error(refusal)
  return {}
}

function tellFrame({ entries, timeline }: Frame): void {
  if (timeline?.isTravelling === true) return
  if (!isReady) {
    isReady = true
    // Nobody has spoken yet: whoever embeds this page may know that it is there.
    parent.postMessage({ blockscope: EMBED_VERSION, type: 'ready', version: EMBED_VERSION }, target ?? '*')
  }
  for (const { command, stdout, stderr, status } of [...entries, ...(timeline?.said ?? [])]) {
    tell('console', { command, stdout, stderr, status })
  }
  const wait = sentAt + MOMENT_GAP - performance.now()
  if (wait <= 0) tellMoment()
  else belated ??= setTimeout(tellMoment, wait)
}

function tellMoment(): void {
  clearTimeout(belated)
  belated = undefined
  const fields = momentFields()
  const text = JSON.stringify(fields)
  if (text === sentMoment || !isGreeted) return
  sentMoment = text
  sentAt = performance.now()
  tell('moment', fields)
}

function momentFields(): Fields {
  const { steps, time, isPlaying, isPowerOn } = machineStore.getState()
  const { newestStep, isLive } = timeStore.getState()
  return { step: steps, newest: newestStep, time, isPlaying, isPowerOn, isLive }
}

function tellLink({ link }: { readonly link: { readonly kind: string; readonly reason?: string } }): void {
  if (link.kind === 'refused') tell('trouble', { reason: link.reason })
  if (link.kind === 'images') tell('trouble', { reason: 'the link began on disks whose images it needs' })
}

function answer(id: string | number | undefined, fields: Fields): void {
  tell('done', id === undefined ? fields : { id, ...fields })
}

/** Nothing but {@link readOrder}'s sender learns of anything. */
function tell(type: string, fields: Fields): void {
  if (isGreeted && target !== undefined) parent.postMessage({ blockscope: EMBED_VERSION, type, ...fields }, target)
}
