/** What is marked now; the views of HTML and SVG have it as attributes, those that paint ask here. */
import { bytesStore } from './bytes_store.ts'
import { consoleStore } from './console_store.ts'
import { picture } from './engine.ts'
import { hoverKey } from './hover_id.ts'
import { relatedKeys } from './hover_relations.ts'
import { hoverStore } from './hover_store.ts'

export interface HoverMarks {
  /** Key of the thing itself; empty while nothing is looked at. */
  readonly self: string
  readonly keys: ReadonlySet<string>
}

const NOTHING: HoverMarks = { self: '', keys: new Set() }
let current = NOTHING

export function hoverMarks(): HoverMarks {
  return current
}

/** Looks anew at what has to do with what is looked at. */
export function findHoverMarks(): HoverMarks {
  const { id } = hoverStore.getState()
  const lines = id ? consoleStore.getState().lines : []
  current = id
    ? { self: hoverKey(id), keys: relatedKeys(id, { picture: picture(), lines, bytes: bytesStore.getState() }) }
    : NOTHING
  return current
}
