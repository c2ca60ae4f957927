import { useId, useRef, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
import { ActionButton } from './action_button.tsx'

export interface MenuEntry {
  readonly label: string
  /** The line it types. */
  readonly line: string
  readonly refusal?: string | undefined
  onSelect(): void
}

interface Props {
  /** Name of the button that opens it. */
  readonly label: string
  readonly title?: string
  readonly className?: string
  readonly refusal?: string | undefined
  readonly entries: readonly MenuEntry[]
  readonly children: ReactNode
}

/** A button that opens a list of actions, each with the line that does it. */
export function Menu({ label, title, className = '', refusal, entries, children }: Props): ReactElement {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLSpanElement>(null)

  const show = (): void => {
    const menu = list.current
    const button = opener.current?.firstElementChild?.getBoundingClientRect()
    if (!menu || !button) return
    if (menu.matches(':popover-open')) {
      menu.hidePopover()
      return
    }
    menu.showPopover()
    const { offsetWidth: width, offsetHeight: height } = menu
    const below = button.bottom + 4
    menu.style.left = `${Math.max(4, Math.min(button.right - width, innerWidth - width - 4))}px`
    menu.style.top = `${below + height > innerHeight ? Math.max(4, button.top - height - 4) : below}px`
    menu.querySelector<HTMLElement>('[role=menuitem]')?.focus()
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    event.stopPropagation()
    if (next === undefined) return
    event.preventDefault()
    items[(next + items.length) % items.length]?.focus()
  }

  return (
    <>
      <span ref={opener} className="menu-opener">
        <ActionButton
          className={className}
          aria-label={label}
          aria-haspopup="menu"
          aria-controls={id}
          hint={label}
          refusal={refusal}
          onClick={show}
        >
          {children}
        </ActionButton>
      </span>
      <div ref={list} id={id} popover="auto" role="menu" aria-label={label} className="menu" onKeyDown={onKeyDown}>
        {title !== undefined && (
          <p className="menu-title" role="presentation">
            {title}
          </p>
        )}
        {entries.map((entry) => (
          <button
            key={entry.line}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className="menu-item"
            aria-disabled={entry.refusal === undefined ? undefined : true}
            aria-description={entry.refusal ?? entry.line}
            title={entry.refusal}
            onClick={() => {
              if (entry.refusal !== undefined) return
              list.current?.hidePopover()
              entry.onSelect()
            }}
          >
            <span>{entry.label}</span>
            <span className="menu-line">{entry.refusal ?? entry.line}</span>
          </button>
        ))}
      </div>
    </>
  )
}
