import { Component, type ReactNode } from 'react'

interface State {
  readonly message: string | undefined
}

/** Says so when drawing a part of the page fails, instead of leaving the whole page blank. */
export class Mishap extends Component<{ children: ReactNode }, State> {
  override state: State = { message: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { message } = this.state
    if (message === undefined) return this.props.children
    return (
      <div className="notice notice-danger" role="alert">
        <strong>The page could not be drawn: a mistake of ours.</strong>
        <span>{message}</span>
        <span>The machine and its disks are as they were. To reload is a power cut for it.</span>
        <button type="button" className="button button-small" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    )
  }
}
