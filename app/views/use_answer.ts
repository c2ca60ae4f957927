import { useEffect, useRef, useState } from 'react'

/**
 * What the machine's worker answers; of several questions the last one counts.
 * @param ask nothing where nothing is to be asked
 * @param inputs a new question is asked when they change
 * @returns undefined until there is an answer, and where it failed
 */
export function useAnswer<T>(ask: () => Promise<T> | undefined, inputs: readonly unknown[]): T | undefined {
  const [answer, setAnswer] = useState<T>()
  const key = JSON.stringify(inputs)
  const latest = useRef(ask)
  useEffect(() => {
    latest.current = ask
  })
  useEffect(() => {
    let isWanted = true
    const take = (found: T | undefined): void => {
      if (isWanted) setAnswer(found)
    }
    void Promise.resolve(latest.current()).then(take, () => take(undefined))
    return () => {
      isWanted = false
    }
  }, [key])
  return answer
}
