import type { ComponentProps, ReactElement } from 'react'

type Props = Omit<ComponentProps<'button'>, 'disabled'> & {
  /** Why it cannot act now; it stays where the keyboard can reach it, and says so. */
  readonly refusal?: string | undefined
  /** What it does, for the pointer and for the ear. */
  readonly hint?: string | undefined
}

/** A button that either acts or says why it cannot. */
export function ActionButton({ refusal, hint, onClick, className = '', ...rest }: Props): ReactElement {
  const words = refusal ?? hint
  return (
    <button
      type="button"
      {...rest}
      className={`button ${className}`}
      aria-disabled={refusal === undefined ? undefined : true}
      aria-description={words}
      title={words}
      onClick={refusal === undefined ? onClick : undefined}
    />
  )
}
