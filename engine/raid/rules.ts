/** Where documents describe another dm-raid than that of Linux 6.1. */

export const GRAMMAR_RULE = 'dm-raid.grammar'
export const BITMAP_RULE = 'dm-raid.bitmap'

export const RAID_RULES = [
  {
    name: 'dm-raid.translation',
    values: ['linux-6.1', 'seed'],
    summary: 'what nosync, sync and rebuild mean with and without metadata devices; seed: as first described, in 2011',
  },
  {
    name: BITMAP_RULE,
    values: ['linux-6.1', 'consulted'],
    summary: 'after a crash Linux 6.1 resyncs nothing of a set that was synced; consulted: what its bitmap marks',
  },
  {
    name: GRAMMAR_RULE,
    values: ['linux-6.1', 'seed'],
    summary: 'the words of a raid table; seed: legs to be rebuilt stand behind the chunk size, -1 for none',
  },
] as const
