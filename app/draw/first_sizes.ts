/** The sizes of the regions before a person changes them, as CSS has them. */
export interface FirstSizes {
  readonly stack: string
  readonly inspector: string
  /** Height of timeline and console. */
  readonly lower: string
  /** Of the width below the stage. */
  readonly timeline: string
}

/** @param width @param height of the window, in CSS pixels */
export function firstSizes(width: number, height: number): FirstSizes {
  const isWide = width > 1180
  return {
    stack: isWide ? '224px' : '190px',
    inspector: isWide ? '312px' : '240px',
    lower: height > 980 ? '270px' : height > 820 ? '228px' : '160px',
    timeline: '56%',
  }
}
