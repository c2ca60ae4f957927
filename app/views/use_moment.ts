import { useEffect, useState } from 'react'
import { useMachine } from '../model/machine_view.ts'

/** A device is asked about at most so often, in milliseconds, while the machine runs. */
const PERIOD = 400

/** What has to have changed before a device may look otherwise: I/Os, faults, what lines did. Followed in strides. */
export function useMoment(): string {
  const { picture, store } = useMachine()
  const [moment, setMoment] = useState('')
  useEffect(() => {
    let timer: number | undefined
    const take = (): void => {
      timer = undefined
      const { frame } = picture()
      const faults = frame?.faults.map(({ id, healed }) => `${id} ${healed}`).join()
      setMoment(`${frame?.steps} ${faults} ${frame?.mapped.map(({ status }) => status.join()).join()}`)
    }
    take()
    const end = store.subscribe(() => {
      timer ??= window.setTimeout(take, PERIOD)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [picture, store])
  return moment
}
