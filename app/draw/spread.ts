/**
 * Moves labels apart that would overlap, each as little as it can: neighbours that touch form a block, and a block lies where the
 * sum of its labels' squared distances is least.
 *
 * @param wanted where each label would like its upper edge, ascending
 * @param heights of the labels
 * @param from upper end of the room
 * @param to lower end of the room; when there is not enough of it, the labels run over this end
 * @returns the upper edges
 */
export function spread(wanted: readonly number[], heights: readonly number[], from: number, to: number): number[] {
  interface Block {
    first: number
    count: number
    height: number
    /** Sum of where each label would have the block begin. */
    sum: number
    at: number
  }
  const blocks: Block[] = []
  const placed = (block: Block): number => {
    const ideal = block.sum / block.count
    return Math.max(from, Math.min(ideal, to - block.height))
  }
  wanted.forEach((y, index) => {
    let block: Block = { first: index, count: 1, height: heights[index], sum: y, at: 0 }
    block.at = placed(block)
    for (let above = blocks.at(-1); above && above.at + above.height > block.at; above = blocks.at(-1)) {
      blocks.pop()
      block = {
        first: above.first,
        count: above.count + block.count,
        height: above.height + block.height,
        sum: above.sum + block.sum - block.count * above.height,
        at: 0,
      }
      block.at = placed(block)
    }
    blocks.push(block)
  })
  return blocks.flatMap((block) => {
    let y = block.at
    return Array.from({ length: block.count }, (_, i) => {
      const top = y
      y += heights[block.first + i]
      return top
    })
  })
}
