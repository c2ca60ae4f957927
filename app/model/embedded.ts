/** Whether this page is a part of another one: the stage alone, a machine in memory, driven by messages. */
export const isEmbedded = new URLSearchParams(location.search).get('embed') === '1'
