/** Makes a GIF of pictures that are handed over one by one, beside the page, which goes on. */
import { expose } from 'comlink'
import { Encoder } from 'modern-gif'

const COLOURS = 128

let encoder: Encoder | null = null

const api = {
  begin(width: number, height: number): void {
    encoder = new Encoder({ width, height, maxColors: COLOURS })
  },
  /** @param data red, green, blue and opacity of each dot @param delay how long it is shown, in milliseconds */
  async add(data: Uint8ClampedArray, delay: number): Promise<void> {
    await encoder?.encode({ data: data as Uint8ClampedArray<ArrayBuffer>, delay })
  },
  /** @returns the file */
  async end(): Promise<ArrayBuffer | undefined> {
    return (await encoder?.flush('arrayBuffer')) as ArrayBuffer | undefined
  },
}

export type GifApi = typeof api

expose(api)
