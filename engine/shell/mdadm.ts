/** `mdadm`: creates, assembles, manages and examines arrays. What it prints and its exit status are those of mdadm 4.2. */
import { InstantCommand, type CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { MdadmAssemble } from './mdadm_assemble.ts'
import { MdadmCreate } from './mdadm_create.ts'
import { helpText } from './mdadm_help.ts'
import { MdadmManage } from './mdadm_manage.ts'
import { MdadmMisc } from './mdadm_misc.ts'
import { isCreate, parseMdadm, type MdadmEnd } from './mdadm_options.ts'

/** A line that ends where it was read. */
class MdadmEnded extends InstantCommand {
  private readonly end: MdadmEnd

  constructor(world: World, invocation: Invocation, end: MdadmEnd) {
    super(world, invocation)
    this.end = end
  }

  override execute(): void {
    this.stdout = this.end.stdout
    this.stderr = this.end.stderr
    this.status = this.end.status
  }
}

function begin(world: World, invocation: Invocation): CommandRun {
  const words = invocation.argv.slice(1)
  if (isCreate(words)) {
    if (words.includes('--help') || words.includes('-h')) {
      return new MdadmEnded(world, invocation, { status: 0, stdout: helpText('create'), stderr: '' })
    }
    return new MdadmCreate(world, invocation)
  }
  const parsed = parseMdadm(words)
  if (!parsed.ok) return new MdadmEnded(world, invocation, parsed)
  const { request } = parsed
  switch (request.mode) {
    case 'assemble':
      return new MdadmAssemble(world, invocation, request)
    case 'manage':
      return new MdadmManage(world, invocation, request)
    case 'misc':
    case 'create':
      return new MdadmMisc(world, invocation, request)
  }
}

export const MDADM: CommandSpec = {
  name: 'mdadm',
  family: 'linux',
  usage: '--create|--assemble|--manage|--detail|--examine|... [OPTIONS] DEVICE...',
  summary: 'Creates, assembles, manages and examines arrays; mdadm --help says more.',
  begin,
}
