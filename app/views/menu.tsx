import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
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
  readonly className?: string
  readonly refusal?: string | undefined
  readonly entries: readonly MenuEntry[]
  readonly children: ReactNode
}

/** A button that opens a list of actions, each with the line that does it. */
export function Menu({ label, className = '', refusal, entries, children }: Props): ReactElement {
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const opener = useRef<HTMLSpanElement>(null)
  return (
    <>
      <span ref={opener} className="menu-opener">
        <ActionButton
          className={className}
          aria-label={label}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          hint={label}
          refusal={refusal}
          onClick={() => setOpen(!isOpen)}
        >
          {children}
        </ActionButton>
      </span>
      {isOpen && (
        <MenuList
          id={id}
          label={label}
          entries={entries}
          anchor={() => opener.current?.firstElementChild?.getBoundingClientRect()}
          close={(isByKey) => {
            if (isByKey) opener.current?.querySelector('button')?.focus()
            setOpen(false)
          }}
        />
      )}
    </>
  )
}

interface ListProps {
  readonly id: string
  readonly label: string
  readonly entries: readonly MenuEntry[]
  /** What it stands at: below a button, ending where that ends; or at a point, beginning there. */
  readonly anchor: () => (Pick<DOMRect, 'top' | 'right' | 'bottom'> & { readonly from?: number }) | undefined
  /** @param isByKey it was left with a key: the focus goes back to where it came from */
  readonly close: (isByKey: boolean) => void
}

/** The list itself; it takes the focus, and is there for as long as it is open. */
export function MenuList({ id, label, entries, anchor, close }: ListProps): ReactElement {
  const list = useRef<HTMLDivElement>(null)
  const anchorAtFirst = useRef(anchor)

  useLayoutEffect(() => {
    const menu = list.current
    const button = anchorAtFirst.current()
    if (!menu || !button) return
    menu.showPopover()
    const { offsetWidth: width, offsetHeight: height } = menu
    const below = button.bottom + 4
    const left = button.from ?? button.right - width
    menu.style.left = `${Math.max(4, Math.min(left, innerWidth - width - 4))}px`
    menu.style.top = `${below + height > innerHeight ? Math.max(4, button.top - height - 4) : below}px`
    menu.querySelector<HTMLElement>('[role=menuitem]')?.focus()
  }, [])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    event.stopPropagation()
    if (event.key === 'Tab' || event.key === 'Escape') {
      close(true)
      return
    }
    if (next === undefined) return
    event.preventDefault()
    items[(next + items.length) % items.length]?.focus()
  }

  return (
    <div
      ref={list}
      id={id}
      popover="auto"
      role="menu"
      aria-label={label}
      className="menu"
      onKeyDown={onKeyDown}
      onToggle={(event) => {
        if (event.newState === 'closed') close(false)
      }}
    >
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
            close(true)
            entry.onSelect()
          }}
        >
          <span>{entry.label}</span>
          <span className="menu-line" aria-hidden="true">
            {entry.refusal ?? entry.line}
          </span>
        </button>
      ))}
    </div>
  )
}
