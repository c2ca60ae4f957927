/** `boot`: the lines that bring devices up when the power returns. */
import { InstantCommand, type CommandSpec } from '../shell/command.ts'
import { parse } from '../shell/parse.ts'

class BootCommand extends InstantCommand {
  override execute(): void {
    const { lab } = this.world
    if (this.argv.length === 2 && this.argv[1] === 'show') {
      this.stdout += lab.bootScript
      return
    }
    if (this.argv.length !== 2 || this.argv[1] !== 'set')
      return void this.refuse("usage: boot set <<'END' … END | show")
    if (this.stdin === null) return void this.refuse("boot set takes its lines from a here-document: boot set <<'END'")
    const wrong = parse(this.stdin).find((line) => line.kind === 'error')
    if (wrong?.kind === 'error') return void this.refuse(`line ${wrong.line}, column ${wrong.column}: ${wrong.message}`)
    lab.bootScript = this.stdin
  }
}

export const BOOT: CommandSpec = {
  name: 'boot',
  family: 'lab',
  usage: "set <<'END' … END | show",
  summary: 'Keeps the lines that bring devices up when the power returns.',
  begin: (world, invocation) => new BootCommand(world, invocation),
}
