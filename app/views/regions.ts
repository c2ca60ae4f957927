/** What `late.tsx` loads, in one piece. */
import '../theme/late.css'

export { Console } from './console.tsx'
export { FileDrop, ScriptProgress } from './file_drop.tsx'
export { Inspector } from './inspector.tsx'
export { Keys } from './keys.ts'
export { LinkedHover } from './linked_hover.ts'
export { Stack } from './stack.tsx'
export { Timeline } from './timeline.tsx'
