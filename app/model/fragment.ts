/**
 * What stands behind the # of the page's address: the text of a moment, and, after a `~`, the name of the recording in this browser's
 * own store. Either may be missing: links carry no name, and a moment that is too long leaves the name alone.
 */
export interface Fragment {
  readonly moment: string | undefined
  readonly recording: string | undefined
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

/** @returns undefined where nothing stands there */
export function readFragment(hash: string): Fragment | undefined {
  const text = decoded(hash.replace(/^#/, '')).trim()
  if (text === '') return undefined
  const at = text.lastIndexOf('~')
  const name = at < 0 ? '' : text.slice(at + 1)
  if (!NAME.test(name)) return { moment: text, recording: undefined }
  return { moment: at === 0 ? undefined : text.slice(0, at), recording: name }
}

/** As it stands in an address, with its #; empty where there is neither. */
export function writeFragment(moment: string | null | undefined, recording: string | null | undefined): string {
  const text = `${moment ?? ''}${recording ? `~${recording}` : ''}`
  return text === '' ? '' : `#${text}`
}

/** Programs that pass addresses on may write some letters by their numbers. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
