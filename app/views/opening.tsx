import { useState, type CSSProperties, type ReactElement } from 'react'
import { firstSizes } from '../draw/first_sizes.ts'
import { Frame } from './frames.tsx'
import { Stage } from './stage.tsx'

/** The first picture of a wide page: the stage at work among empty frames, each where its region will be. */
export function Opening(): ReactElement {
  const [{ stack, inspector, lower, timeline }] = useState(() => firstSizes(innerWidth, innerHeight))
  const sizes = { '--stack': stack, '--inspector': inspector, '--lower': lower, '--timeline': timeline }
  return (
    <div className="page-opening" style={sizes as CSSProperties}>
      <Frame title="Stack" />
      <Stage />
      <div className="page-opening-lower">
        <Frame title="Timeline" />
        <Frame title="Console" />
      </div>
      <Frame title="Inspector" />
    </div>
  )
}
