/** Where documents describe another dm-bufio than that of Linux 6.1. */
export const PERIOD_RULE = 'dm-bufio.period'

export const BUFIO_RULES = [
  {
    name: PERIOD_RULE,
    values: ['linux-6.1', 'seed'],
    summary:
      'when a buffer cache looks at its old buffers: Linux 6.1 every 30 s, and writes none of them for its age; seed: every 10 s, and what is dirty is written and flushed, as in 2012 somebody understood it',
  },
] as const
