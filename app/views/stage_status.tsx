import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { byteRate, duration, percent, plural } from '../draw/format.ts'
import { useMachine } from '../model/machine_view.ts'
import type { Picture } from '../model/picture.ts'
import { hasParity, type ArrayScene, type SyncMark } from '../model/scene.ts'
import { syncName } from '../model/sync_name.ts'
import { useSampled } from './use_sampled.ts'

/** A sync in words: how far, how fast, how long still, in the machine's time and in that of who watches. */
export function syncWords(sync: SyncMark, speed: number): readonly string[] {
  const isKnown = Number.isFinite(sync.remaining)
  return [
    `${syncName(sync.action)} = ${percent(sync.done)}`,
    sync.rowsLeft >= 0 ? `by the bitmap: ${plural(sync.rowsLeft, 'row')} left` : '',
    sync.rate > 0 ? byteRate(sync.rate) : '',
    isKnown ? `${duration(sync.remaining)} left` : '',
    isKnown && Number.isFinite(speed) && speed !== 1 ? `${duration(sync.remaining / speed)} on your clock` : '',
  ].filter(Boolean)
}

/** What is to be said of an array at rest or at work. */
function workWords(now: Picture, name: string): readonly string[] {
  const array = now.arrays.get(name)
  const frame = now.frame?.arrays.find((candidate) => candidate.name === name)
  if (!array || !frame) return []
  const cached = array.field.volatileTotal
  const marked = frame.bitmap?.mediaBits.reduce((sum, bits) => sum + (bits !== 0 ? 1 : 0), 0)
  return [
    ...(hasParity(frame.level)
      ? [frame.stripes.length > 0 ? `${plural(frame.stripes.length, 'stripe')} in the cache` : 'no stripe in the cache']
      : []),
    cached > 0 ? `${plural(cached, 'page')} only in the disks’ caches` : 'nothing only in the disks’ caches',
    marked === undefined ? 'no bitmap' : `${plural(marked, 'bit')} on the disks`,
    frame.isClean ? 'superblocks clean' : 'superblocks dirty',
  ]
}

/** One line below the name: the sync that is under way, else what the array is doing. */
export function StageStatus({ array }: { array: ArrayScene }): ReactElement {
  const { store, picture } = useMachine()
  const speed = useStore(store, (state) => state.speed)
  const working = useSampled(() => workWords(picture(), array.name), [array.name])
  const { sync } = array
  const words = sync ? syncWords(sync, speed) : working
  return (
    <div className="stage-status">
      <p className={sync ? 'number tone-amber' : 'number'}>{words.join(' · ')}</p>
      {sync && (
        <div
          className="progress"
          role="progressbar"
          aria-label={sync.action}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(sync.done * 100)}
        >
          <div className="progress-bar" style={{ transform: `scaleX(${sync.done})` }} />
        </div>
      )}
    </div>
  )
}
