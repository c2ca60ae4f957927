/** What may be otherwise when the kernel stops of itself. */
import { LATER_WRITES_RULE } from '../block/reboot_notifiers.ts'

export const NOTIFIERS_RULE = 'reboot.notifiers'
export const ORDER_RULE = 'reboot.order'

export const REBOOT_RULES = [
  {
    name: NOTIFIERS_RULE,
    values: ['linux-6.1', 'off'],
    summary: 'who registered is told before the kernel stops; off: nobody is, as if nobody had registered',
  },
  {
    name: ORDER_RULE,
    values: ['linux-6.1', 'reversed'],
    summary: 'the highest priority is told first, md before real devices; reversed: the lowest first',
  },
  {
    name: LATER_WRITES_RULE,
    values: ['linux-6.1', 'forgotten'],
    summary:
      'md and dm-integrity keep arrays and bitmaps clean after they were told, whatever is written; forgotten: they clean up once, as if nothing came after',
  },
] as const
