import { lazy, Suspense, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { plural, sectorBytes } from '../draw/format.ts'
import { consoleStore } from '../model/console_store.ts'
import { useMachine } from '../model/machine_view.ts'
import { treeDevices } from '../model/tree_device.ts'
import { pageStore } from '../model/page_store.ts'
import { Panel } from './panel.tsx'
import { PastBanner } from './past_banner.tsx'
import { SideHead } from './side_badge.tsx'
import { stageTitle } from './stage_title.ts'
import { useSampled } from './use_sampled.ts'

const HashTree = lazy(async () => ({ default: (await import('./hash_tree.tsx')).HashTree }))

const CREATE = 'mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=64 --bitmap=internal --run'

function Off(): ReactElement {
  const { survivors, lost, bootScript } = useStore(useMachine().store, (state) => state.scene)
  const total = survivors + lost
  return (
    <>
      <h2>The power is off</h2>
      <p>Memory is gone: the kernel, its arrays, the bitmap’s counters. What is on the disks is all there is.</p>
      <p>
        {total === 0
          ? 'The disks’ caches held nothing when it happened.'
          : `The disks’ caches held ${plural(total, 'sector')}: ${survivors} reached the media, ${lost} did not.`}
      </p>
      {bootScript !== '' && (
        <>
          <p>When the power is on again, a new kernel runs the boot script:</p>
          <pre>{bootScript.trim()}</pre>
        </>
      )}
    </>
  )
}

function Nothing(): ReactElement {
  const disks = useStore(useMachine().store, (state) => state.scene.disks)
  const names = disks.filter(({ isAbsent }) => !isAbsent).slice(0, 4)
  const line = `${CREATE} ${names.map(({ name }) => `/dev/${name}`).join(' ')}`
  return (
    <>
      <h2>No array</h2>
      <p>
        {names.length < 3
          ? 'There are too few disks for one. Make some, then an array of them:'
          : 'The disks are there; an array of them would be made like this:'}
      </p>
      <button
        type="button"
        className="stage-suggestion mono"
        title="Put it into the console"
        onClick={() => consoleStore.getState().setDraft(names.length < 3 ? 'disk create sda 2M' : line)}
      >
        {names.length < 3 ? 'disk create sda 2M' : line}
      </button>
    </>
  )
}

/** Without an array, the hash tree of the device that is picked, or of the first that has one. */
function Tree({ mapped }: { mapped: string }): ReactElement {
  return (
    <div className="tree-stage">
      <h2>/dev/mapper/{mapped}</h2>
      <Suspense>
        <HashTree key={mapped} mapped={mapped} />
      </Suspense>
    </div>
  )
}

/** The stage when there is no array to show, and why. */
export function StageEmpty(): ReactElement {
  const { store, side, picture } = useMachine()
  const selection = useStore(pageStore, (state) => state.selection)
  const picked = selection?.kind === 'mapped' ? selection.mapped : undefined
  const trees = useSampled(() => treeDevices(picture().frame), [])
  const tree = trees.find((name) => name === picked) ?? trees[0]
  const condition = useStore(store, (state) => state.condition)
  const isPowerOn = useStore(store, (state) => state.isPowerOn)
  const disks = useStore(store, (state) => state.scene.disks)
  return (
    <Panel title={stageTitle(side)} head={side === 'only' ? undefined : <SideHead side={side} />}>
      {side === 'only' && <PastBanner />}
      <div className={`stage-empty scroll ${isPowerOn ? '' : 'stage-off'}`}>
        {condition === 'starting' && <p>Starting the machine …</p>}
        {condition === 'none' && <p>No machine is running.</p>}
        {condition === 'elsewhere' && <p>The machine runs in another tab.</p>}
        {condition === 'failed' && <p>There is no machine to be shown.</p>}
        {condition === 'running' && (!isPowerOn ? <Off /> : tree === undefined ? <Nothing /> : <Tree mapped={tree} />)}
        {condition === 'running' && !isPowerOn && (
          <ul className="stage-off-disks" aria-label="Disks">
            {disks.map(({ name, sectors }) => (
              <li key={name}>
                <b>{name}</b> {sectorBytes(sectors)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}
