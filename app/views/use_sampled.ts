import { useEffect, useRef, useState } from 'react'
import { useMachine } from '../model/machine_view.ts'

/** How often, at most, in milliseconds: what a person can read. */
const PERIOD = 150

/** A value made from the newest frame now and then; the view is drawn again only when it differs. */
export function useSampled<T>(compute: () => T, inputs: readonly unknown[]): T {
  const { store } = useMachine()
  const key = JSON.stringify(inputs)
  const latest = useRef(compute)
  useEffect(() => {
    latest.current = compute
  })
  const [sample, setSample] = useState(() => ({ key, value: compute() }))
  useEffect(() => {
    let text = ''
    let timer: number | undefined
    const take = (): void => {
      timer = undefined
      const value = latest.current()
      const written = JSON.stringify(value)
      if (written === text) return
      text = written
      setSample({ key, value })
    }
    take()
    const end = store.subscribe(() => {
      timer ??= window.setTimeout(take, PERIOD)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [key, store])
  return sample.key === key ? sample.value : compute()
}
