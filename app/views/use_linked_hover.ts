import { useEffect } from 'react'
import { bytesStore } from '../model/bytes_store.ts'
import { findHoverMarks } from '../model/hover_marks.ts'
import { hoverOf } from '../model/hover_relations.ts'
import { hoverStore } from '../model/hover_store.ts'
import { machineStore } from '../model/machine_store.ts'

/** How often, at most, what belongs together is found anew while the machine moves, in milliseconds. */
const PERIOD = 120

/**
 * Marks, on everything that says in `data-hover` what it is, whether it has to do with what lies under the pointer or the focus:
 * `data-related` is `self` or `related`. No view is drawn again for it.
 */
export function useLinkedHover(): void {
  useEffect(() => {
    let marked = new Set<Element>()
    let timer: number | undefined

    const mark = (): void => {
      clearTimeout(timer)
      timer = undefined
      const { self, keys } = findHoverMarks()
      const before = marked
      marked = new Set()
      if (keys.size > 0) {
        for (const element of document.querySelectorAll('[data-hover]')) {
          const key = element.getAttribute('data-hover') ?? ''
          if (!keys.has(key)) continue
          marked.add(element)
          const value = key === self ? 'self' : 'related'
          if (element.getAttribute('data-related') !== value) element.setAttribute('data-related', value)
        }
      }
      for (const element of before) if (!marked.has(element)) element.removeAttribute('data-related')
    }
    const markSoon = (): void => {
      if (hoverStore.getState().id) timer ??= window.setTimeout(mark, PERIOD)
    }

    const { hover } = hoverStore.getState()
    const onOver = ({ target, pointerType }: PointerEvent): void => {
      // A finger does not hover, and would leave its mark behind.
      if (pointerType !== 'touch') hover('pointer', hoverOf(target as Element))
    }
    const onLeave = (): void => hover('pointer', undefined)
    const onFocus = ({ target }: FocusEvent): void => {
      const element = target as Element
      // Lists whose items are not focused themselves say what they look at.
      const id = element.matches(':focus-visible') ? hoverOf(element) : undefined
      if (id) hover('focus', id)
    }
    const onBlur = (): void => hover('focus', undefined)

    document.addEventListener('pointerover', onOver)
    document.documentElement.addEventListener('pointerleave', onLeave)
    document.addEventListener('focusin', onFocus)
    document.addEventListener('focusout', onBlur)
    const ends = [hoverStore.subscribe(mark), bytesStore.subscribe(markSoon), machineStore.subscribe(markSoon)]
    return () => {
      clearTimeout(timer)
      document.removeEventListener('pointerover', onOver)
      document.documentElement.removeEventListener('pointerleave', onLeave)
      document.removeEventListener('focusin', onFocus)
      document.removeEventListener('focusout', onBlur)
      for (const end of ends) end()
    }
  }, [])
}
