/** The form that starts a workload, and the line it types. */
export interface WorkloadForm {
  readonly name: string
  /** Below /dev. */
  readonly device: string
  readonly pattern: 'random' | 'seq'
  readonly read: string
  readonly size: string
  readonly depth: string
  /** I/Os per second of virtual time; empty for as many as the depth allows. */
  readonly rate: string
  readonly isSync: boolean
  /** `1M+2M`; empty for the whole device. */
  readonly region: string
}

export const WORKLOAD_FORM: WorkloadForm = {
  name: 'load',
  device: 'md0',
  pattern: 'random',
  read: '0',
  size: '4K',
  depth: '4',
  rate: '1000',
  isSync: false,
  region: '',
}

const SIZE = /^(\d{1,12})([KMGT]?)(?:iB)?$/i
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1 << 20, G: 2 ** 30, T: 2 ** 40 }
const SIZE_MAX = 4 << 20

function sizeBytes(text: string): number {
  const match = SIZE.exec(text)
  return match ? Number(match[1]) * UNITS[match[2].toUpperCase()] : NaN
}

const isWhole = (text: string, least: number, most: number): boolean =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most

/** What is wrong with which field; none when the line can be typed. */
export function workloadTroubles(
  form: WorkloadForm,
  taken: readonly string[],
): Partial<Record<keyof WorkloadForm, string>> {
  const troubles: Partial<Record<keyof WorkloadForm, string>> = {}
  if (!/^[a-z][\w-]{0,30}$/i.test(form.name)) troubles.name = 'Letters and digits, beginning with a letter.'
  else if (taken.includes(form.name)) troubles.name = `There is a workload ${form.name} already.`
  if (form.device === '') troubles.device = 'There is no device to work on.'
  if (!isWhole(form.read, 0, 100)) troubles.read = 'From 0 to 100.'
  const size = sizeBytes(form.size)
  if (!(size > 0 && size % 512 === 0 && size <= SIZE_MAX)) troubles.size = 'Whole sectors up to 4M: 512, 4K, 64K.'
  if (!isWhole(form.depth, 1, 1024)) troubles.depth = 'From 1 to 1024.'
  if (form.rate !== '' && !isWhole(form.rate, 0, 10_000_000)) troubles.rate = 'A number, or nothing.'
  if (form.region !== '') {
    const [from, length, ...rest] = form.region.split('+')
    const isFine = sizeBytes(from) % 512 === 0 && (length === undefined || sizeBytes(length) % 512 === 0)
    if (!isFine || rest.length > 0) troubles.region = 'FROM+LENGTH, such as 1M+2M, or nothing.'
  }
  return troubles
}

export function workloadLine(form: WorkloadForm): string {
  const rate = Number(form.rate || '0')
  return [
    `workload start ${form.name} /dev/${form.device}`,
    `--pattern ${form.pattern}`,
    form.read === '0' ? '' : `--read ${form.read}`,
    `--size ${form.size}`,
    form.depth === '1' ? '' : `--depth ${form.depth}`,
    rate > 0 ? `--rate ${form.rate}` : '',
    form.isSync ? '--sync' : '',
    form.region === '' ? '' : `--region ${form.region}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** A name that is free: `load`, `load2`, … */
export function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'load' : `load${number}`
    if (!taken.includes(name)) return name
  }
}
