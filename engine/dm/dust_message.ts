/** The messages of the dust target. @source dust_message, drivers/md/dm-dust.c, 6.1 */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { readNumber, readSector } from './arguments.ts'
import type { DustTarget } from './dust.ts'
import type { Answer } from './target.ts'

const KNOWN =
  'enable, disable, quiet, addbadblock BLOCK [FAILURES], removebadblock BLOCK, queryblock BLOCK, countbadblocks, ' +
  'listbadblocks, clearbadblocks'

export function dustMessage(dust: DustTarget, words: readonly string[]): Result<Answer> {
  const name = words[0].toLowerCase()
  if (words.length === 1) return plainMessage(dust, name)
  if (words.length > 3 || (words.length === 3 && name !== 'addbadblock')) return unknown(words)
  const block = readSector(words[1])
  if (block === null) return fail('EINVAL', `a block number was wanted, not ${words[1]}`)
  const failures = words.length === 3 ? readNumber(words[2], 'the number of failing writes', 0, 255) : ok(0)
  if (!failures.ok) return failures
  const blocks = Math.floor(dust.below.sectors / dust.blockSectors)
  if (block > blocks) return fail('EINVAL', `block ${block} is beyond the end; the last is ${blocks - 1}`)
  return blockMessage(dust, name, block, failures.value, words)
}

function plainMessage(dust: DustTarget, name: string): Result<Answer> {
  const { badBlocks } = dust
  switch (name) {
    case 'enable':
    case 'disable':
      dust.enabled = name === 'enable'
      return ok(null)
    case 'quiet':
      dust.quiet = !dust.quiet
      return ok(null)
    case 'countbadblocks':
      return ok(`countbadblocks: ${badBlocks.size} badblock(s) found`)
    case 'clearbadblocks': {
      const found = badBlocks.size > 0
      badBlocks.clear()
      return ok(`dust_clear_badblocks: ${found ? 'badblocks cleared' : 'no badblocks found'}`)
    }
    case 'listbadblocks': {
      if (badBlocks.size === 0) return ok('No blocks in badblocklist')
      return ok([...badBlocks.keys()].sort((a, b) => a - b).join('\n') + '\n')
    }
    default:
      return unknown([name])
  }
}

function blockMessage(
  dust: DustTarget,
  name: string,
  block: number,
  failures: number,
  words: readonly string[],
): Result<Answer> {
  const known = dust.badBlocks.has(block)
  switch (name) {
    case 'addbadblock':
      if (known) return fail('EINVAL', `block ${block} is bad already`)
      dust.badBlocks.set(block, failures)
      return ok(null)
    case 'removebadblock':
      if (!known) return fail('EINVAL', `block ${block} is not bad; the list is what listbadblocks says`)
      dust.badBlocks.delete(block)
      return ok(null)
    case 'queryblock':
      return ok(`dust_query_block: block ${block} ${known ? 'found' : 'not found'} in badblocklist`)
    default:
      return unknown(words)
  }
}

function unknown(words: readonly string[]): Failure {
  return fail('EINVAL', `a dust target understands ${KNOWN}, not ${words.join(' ')}`)
}
