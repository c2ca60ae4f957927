/** A figure that must stay under a roof. */
export interface Roof {
  readonly what: string
  /** null where it could not be measured. */
  readonly figure: number | null
  readonly unit: 'ms'
  readonly roof: number
}

export function holdsRoof({ figure, roof }: Roof): boolean {
  return figure === null || figure < roof
}

export function printRoof(row: Roof): void {
  const { what, figure, unit, roof } = row
  const text = figure === null ? '' : `${figure.toFixed(figure < 100 ? 1 : 0)} ${unit}`
  const verdict = figure === null ? 'not measured' : `${holdsRoof(row) ? 'is under' : 'is over'} ${roof} ${unit}`
  console.log(`${what.padEnd(90)} ${text.padStart(10)} ${''.padStart(10)}   ${verdict}`)
}
