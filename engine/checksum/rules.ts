/** What a checksum device does when the kernel is about to stop, where the mail that proposed it leaves a choice. */
export const REBOOT_RULE = 'checksum.reboot'

export const CHECKSUM_RULES = [
  {
    name: REBOOT_RULE,
    values: ['once', 'again', 'synchronous'],
    summary:
      'what a checksum device does when it is told of a reboot; once: it writes its dirty sums; again: it registers anew, and does so once more when all others have been told; synchronous: from then on every write is followed by one of its sums',
  },
] as const
