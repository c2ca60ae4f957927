import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { bytesOfText, textOfBytes } from './text_bytes.ts'

test('text becomes the bytes that others write for it', () => {
  for (const text of ['', 'plain', 'é ß €', '\u{1f600}\u{10ffff}', '\uffff\ue000\ud7ff']) {
    expect([...bytesOfText(text)]).toEqual([...new TextEncoder().encode(text)])
    expect(textOfBytes(new TextEncoder().encode(text))).toBe(text)
  }
})

test('any bytes become a text that becomes these bytes', () => {
  const chance = new Chance(5, 'bytes')
  const leads = [0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0xa0, 0x90]
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: chance.below(8) }, () => leads[chance.below(leads.length)])
    expect([...bytesOfText(textOfBytes(bytes))]).toEqual([...bytes])
  }
  const long = new Uint8Array(100_000)
  chance.fill(long)
  expect(bytesOfText(textOfBytes(long))).toEqual(long)
})
