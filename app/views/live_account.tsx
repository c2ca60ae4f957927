import { useEffect, useState, type ReactElement } from 'react'
import { clock } from '../draw/format.ts'
import { picture } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'

/** How often something may be said, in milliseconds. */
const PAUSE = 800

/** A live account of what happens, in words, for those who do not watch. */
export function LiveAccount(): ReactElement {
  const [words, setWords] = useState('')
  useEffect(() => {
    let told = picture().timeline.events.at(-1)
    let timer: number | undefined
    const tell = (): void => {
      timer = undefined
      const { events } = picture().timeline
      const from = told ? events.indexOf(told) + 1 : 0
      const news = events.slice(from)
      if (news.length === 0) return
      told = news.at(-1)
      setWords(
        news
          .slice(-4)
          .map(({ time, text }) => `${text} at ${clock(time)}`)
          .join('; '),
      )
    }
    const end = machineStore.subscribe(() => {
      if (timer === undefined && picture().timeline.events.at(-1) !== told) timer = window.setTimeout(tell, PAUSE)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [])
  return (
    <div className="unseen" role="status" aria-live="polite" aria-label="What happens">
      {words}
    </div>
  )
}
