/** Runs the scripts it is sent, in a worker of a real browser: in a WebAssembly arena, on files of the private file system. */
import { createArena, WasmArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_syndromes.ts'
import { OpfsStore } from './opfs_store.ts'
import { runScenario } from './scenario_run.ts'

const DISKS_MAX = 16

async function answer(script: string): Promise<unknown> {
  const store = await OpfsStore.open('scenario')
  try {
    await store.prepare(DISKS_MAX)
    const arena = createArena(64 << 20)
    const result = runScenario(script, store, arena)
    return { ...result, isWasm: arena instanceof WasmArena, notices: store.notices }
  } finally {
    await store.wipe()
    store.close()
  }
}

onmessage = async ({ data }: MessageEvent<string>) => {
  try {
    postMessage({ value: await answer(data) })
  } catch (error) {
    postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}
