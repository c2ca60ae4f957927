/** What runs in the page while it is measured: a script that is there before the page's own, and waits under a name of its own. */

/** As much of a page as is needed here. */
declare const document: {
  querySelector(selector: string): {
    readonly textContent: string | null
    getAttribute(name: string): string | null
    click(): void
  } | null
}

declare global {
  var pageWatch: PageWatch
}

/** To be asked from outside. */
class PageWatch {
  /** When something moved first, in milliseconds since the page was asked for. */
  movedAt: number | undefined

  constructor() {
    this.#lookForMovement(undefined)
  }

  #lookForMovement(first: string | undefined): void {
    const isThere = document.querySelector('[data-stripe="15"][data-slot="3"]') !== null
    const clock = isThere ? (document.querySelector('.transport-clock')?.textContent ?? undefined) : undefined
    if (first !== undefined && clock !== undefined && clock !== first) this.movedAt = performance.now()
    else requestAnimationFrame(() => this.#lookForMovement(first ?? clock))
  }

  /** Presses the button that says one thing, and waits until it says the other. @returns milliseconds from the press to the picture */
  pressPlay(): Promise<number> {
    return pressed('.transport-play', () => document.querySelector('.transport-play')?.textContent ?? '')
  }

  /** Presses a button of time, and waits until another step is shown. @returns milliseconds from the press to the picture */
  pressStep(name: string): Promise<number> {
    const slider = '[role="slider"][aria-label="Time"]'
    return pressed(`[aria-label="${name}"]`, () => document.querySelector(slider)?.getAttribute('aria-valuenow') ?? '')
  }
}

/** Waits until what a page says after a press is not what it said before. */
function pressed(button: string, read: () => string): Promise<number> {
  const before = read()
  const from = performance.now()
  document.querySelector(button)?.click()
  return new Promise((resolve) => {
    const look = (): void => {
      if (read() === before) requestAnimationFrame(look)
      else resolve(performance.now() - from)
    }
    requestAnimationFrame(look)
  })
}

globalThis.pageWatch = new PageWatch()
