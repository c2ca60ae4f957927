/** What the service worker and the page call the caches that they share. Other pages of the same origin have other scopes. */

/** In the notes: which version was brought here last, and is complete. */
export const NEWEST = 'newest'

/** The cache of notes. @param scope address of the page's folder */
export function notesOf(scope: string): string {
  return `blockscope ${new URL(scope).pathname} notes`
}

/** The cache that has a version's files. */
export function filesOf(scope: string, version: string): string {
  return `blockscope ${new URL(scope).pathname} files ${version}`
}
