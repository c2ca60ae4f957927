import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { offline } from './workers/tools/offline.ts'
import { policy, POLICY } from './workers/tools/policy.ts'

const port = Number(process.env.PORT ?? 4173)

/**
 * Everything that an entry needs from the beginning becomes one file: bundlers make a file of each part that something loaded later
 * shares with it, and a first visit would wait for all of them.
 */
function firstInOnePiece(): Plugin {
  const first = new Set<string>()
  return {
    name: 'first-in-one-piece',
    apply: 'build',
    buildEnd() {
      first.clear()
      const add = (id: string): void => {
        if (first.has(id)) return
        first.add(id)
        this.getModuleInfo(id)?.importedIds.forEach(add)
      }
      for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry) add(id)
    },
    outputOptions: (options) => ({
      ...options,
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: 'first', test: (id: string) => first.has(id) }],
      },
    }),
  }
}

export default defineConfig({
  // Static files that work from any folder of any server.
  base: './',
  plugins: [react(), firstInOnePiece(), policy(), offline()],
  worker: { format: 'es', plugins: () => [firstInOnePiece()] },
  build: { target: 'es2023', sourcemap: true, modulePreload: false },
  server: { port },
  preview: { port, headers: { 'Content-Security-Policy': POLICY } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['engine/**/*.test.ts', 'workers/**/*.test.ts', 'app/**/*.test.{ts,tsx}'],
          setupFiles: ['engine/lab/whole_language.ts'],
          // For a machine that is busy with other things; none of them takes a minute.
          testTimeout: 300_000,
        },
      },
      {
        // In a real Chromium, one file after the other: the machine's two cores belong to the page.
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['app/**/*.e2e.ts', 'workers/**/*.e2e.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // A browser on a crowded machine loses a click now and then. What had to be done twice is named with its count.
          retry: 1,
        },
      },
    ],
  },
})
