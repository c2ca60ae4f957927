import type { Frame } from '../../engine/api/frame.ts'

/** The mapped devices that have a hash tree, by their tables. */
export function treeDevices(frame: Frame | undefined): readonly string[] {
  const mapped = frame?.mapped ?? []
  return mapped
    .filter(({ table }) => table.some((line) => /^\d+ \d+ (?:verity|hashtree) /.test(line)))
    .map(({ name }) => name)
}
