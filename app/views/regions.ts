/** What `late.tsx` loads, in one piece. */
import '../../engine/api/all_levels.ts'
import '../theme/late.css'
import { LatencyBook } from '../model/latency_book.ts'
import { gatherLatencies } from '../model/picture.ts'

gatherLatencies(() => new LatencyBook())

export { Console } from './console.tsx'
export { Dialogs } from './dialogs.tsx'
export { FileDrop, ScriptProgress } from './file_drop.tsx'
export { ShareButtons } from './export_menu.tsx'
export { Inspector } from './inspector.tsx'
export { Keys } from './keys.ts'
export { Legend } from './legend.tsx'
export { LinkedHover } from './linked_hover.ts'
export { LiveAccount } from './live_account.tsx'
export { Notices } from './notices.tsx'
export { PastBanner } from './past_banner.tsx'
export { Stack } from './stack.tsx'
export { StageEmpty } from './stage_empty.tsx'
export { Timeline } from './timeline.tsx'
