/** The part of `mdadm` that makes arrays; `mdadm.ts` has the whole. */
import type { CommandSpec } from './command.ts'
import { MdadmCreate } from './mdadm_create.ts'

export const MDADM_CREATE: CommandSpec = {
  name: 'mdadm',
  family: 'linux',
  usage: '--create DEVICE [OPTIONS] DEVICE...',
  summary: 'Makes an array.',
  begin: (world, invocation) => new MdadmCreate(world, invocation),
}
