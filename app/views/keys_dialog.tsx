import type { ReactElement } from 'react'
import { Dialog, DialogTitle } from './dialog.tsx'

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['Space', 'K'], 'play, pause'],
  [['→', '←'], 'one disk I/O forwards, back'],
  [['Shift+→', 'Shift+←'], 'to the next, the previous notable event'],
  [[',', '.'], 'to the previous, the next event of the selected track; of all, where none is'],
  [['Esc'], 'on the way to a moment: stop there'],
  [['Ctrl+Z'], 'undo: back before the last command'],
  [['+', '−'], 'faster, slower'],
  [['X'], 'cut the power now; with the power off, switch it on'],
  [['PageDown', 'PageUp'], 'to the next, the previous notable event: what a clicker sends'],
  [['M'], 'the array as a map that zooms, or as a drawing'],
  [['P'], 'presenter mode: the stage alone, in large type'],
  [['Ctrl+K'], 'everything that can be done, by name'],
  [['?'], 'these keys'],
  [['Enter'], 'on the line between two regions: collapses the one, or brings it back; arrows move the line'],
  [['Tab'], 'to the next control; in the console, completes the word'],
  [['↑', '↓'], 'in the console: earlier and later lines'],
  [['↑', '↓', '←', '→'], 'on the stage: from chunk to chunk'],
  [['+', '−', '0'], 'on the map: closer, further away, all of it'],
  [['Enter'], 'on the stage and on the map: inspect it'],
]

export function KeysDialog(): ReactElement {
  return (
    <Dialog label="Keys">
      <DialogTitle>Keys</DialogTitle>
      <dl className="keys">
        {KEYS.map(([keys, does]) => (
          <div key={does} style={{ display: 'contents' }}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
