import type { ReactElement, ReactNode } from 'react'

interface Props {
  /** Name of the region, and what stands above it. */
  readonly title: string
  /** Beside the title. */
  readonly extra?: ReactNode
  /** Instead of the title, where a panel has a heading of its own. */
  readonly head?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** One region of the page. */
export function Panel({ title, extra, head, className = '', children }: Props): ReactElement {
  return (
    <section className={`panel ${className}`} aria-label={title}>
      {head ?? (
        <header className="panel-head">
          <h2 className="panel-title">{title}</h2>
          {extra}
        </header>
      )}
      {children}
    </section>
  )
}
