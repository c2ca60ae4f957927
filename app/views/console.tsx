import {
  Fragment,
  memo,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
} from 'react'
import { useStore } from 'zustand'
import { COMMAND_NAMES } from '../model/command_family.ts'
import { complete } from '../model/completion.ts'
import { isLater } from '../model/console_ledger.ts'
import type { ConsoleLine } from '../model/console_log.ts'
import { consoleStore } from '../model/console_store.ts'
import { recall } from '../model/line_history.ts'
import { wordsToComplete } from '../model/words.ts'
import { typeLine } from '../model/engine.ts'
import { Panel } from './panel.tsx'

interface LineProps {
  readonly line: ConsoleLine
  /** It was said after the moment that is shown. */
  readonly isLate: boolean
}

const Line = memo(function Line({ line, isLate }: LineProps): ReactElement {
  const late = isLate ? ' line-later' : ''
  if (line.kind !== 'command') return <div className={`line line-${line.kind}${late}`}>{line.text || '\u00a0'}</div>
  return (
    <div
      className={`line line-command line-${line.family ?? 'linux'}${late}`}
      tabIndex={-1}
      data-hover={`line ${line.key}`}
    >
      {line.text}
    </div>
  )
})

/** From command to command, so that what each has to do with is marked without a pointer, too. */
function onOutputKey(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-hover]')]
  if (by === undefined || lines.length === 0) return
  const at = lines.indexOf(event.target as HTMLElement)
  const next = at < 0 ? lines.at(-1) : lines[at + by]
  event.preventDefault()
  next?.focus()
}

function Output(): ReactElement {
  const lines = useStore(consoleStore, (state) => state.lines)
  const pending = useStore(consoleStore, (state) => state.pending)
  const ended = useStore(consoleStore, (state) => state.ended)
  const underWay = useStore(consoleStore, (state) => state.underWay)
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    const element = box.current
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight
  }, [lines, pending])
  const firstLate = lines.find((line) => isLater(line, ended, underWay))
  useLayoutEffect(() => {
    box.current?.querySelector('.console-divide')?.scrollIntoView({ block: 'center' })
  }, [ended, underWay])
  return (
    <div
      ref={box}
      className="console-output scroll"
      role="log"
      aria-label="Console output"
      tabIndex={0}
      onKeyDown={onOutputKey}
      onScroll={({ currentTarget: at }) => {
        isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 24
      }}
    >
      {lines.map((line) => (
        <Fragment key={line.key}>
          {line === firstLate && <div className="console-divide">later than what is shown:</div>}
          <Line line={line} isLate={isLater(line, ended, underWay)} />
        </Fragment>
      ))}
      {pending.map((line, i) => (
        <div key={i} className="line line-pending">
          {line} <span>(waits)</span>
        </div>
      ))}
    </div>
  )
}

/** The console: what was said, and the field to say more. */
export function Console(): ReactElement {
  const draft = useStore(consoleStore, (state) => state.draft)
  const [choices, setChoices] = useState<readonly string[]>([])
  const field = useRef<HTMLInputElement>(null)
  const caret = useRef(-1)

  useEffect(() => {
    if (caret.current >= 0) field.current?.setSelectionRange(caret.current, caret.current)
    caret.current = -1
  }, [draft])

  const goThrough = (by: -1 | 1): void => {
    const { history } = consoleStore.getState()
    const recalled = recall(history, by, draft)
    if (!recalled) return
    caret.current = recalled[1].length
    consoleStore.getState().setHistory(...recalled)
  }

  const completeWord = (): boolean => {
    const at = field.current?.selectionStart ?? draft.length
    const completion = complete(draft, at, COMMAND_NAMES, wordsToComplete())
    if (!completion) return false
    caret.current = completion.caret
    consoleStore.getState().setDraft(completion.line)
    setChoices(completion.choices)
    return true
  }

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Tab' && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      // With nothing to complete, Tab moves on, as everywhere: nobody is caught in the field.
      if (draft !== '' && completeWord()) event.preventDefault()
      return
    }
    if (event.key === 'ArrowUp') goThrough(-1)
    else if (event.key === 'ArrowDown') goThrough(1)
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      const line = draft
      setChoices([])
      consoleStore.getState().typed(line)
      if (line.trim() !== '') void typeLine(line)
    } else return
    event.preventDefault()
  }

  return (
    <Panel title="Console" className="console">
      <Output />
      {choices.length > 0 && (
        <div className="console-choices" role="status">
          {choices.slice(0, 24).join('   ')}
          {choices.length > 24 && ' …'}
        </div>
      )}
      <label className="console-field">
        <span className="unseen">Command</span>
        <span className="line-prompt" aria-hidden="true">
          #
        </span>
        <input
          ref={field}
          type="text"
          value={draft}
          placeholder="type a command, help, or Ctrl+K"
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          onChange={(event) => {
            setChoices([])
            consoleStore.getState().setDraft(event.target.value)
          }}
          onKeyDown={onKeyDown}
        />
      </label>
    </Panel>
  )
}
