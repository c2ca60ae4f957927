/** A sync's name as mdstat has it. */
export function syncName(action: string): string {
  return action === 'recover' ? 'recovery' : action
}
