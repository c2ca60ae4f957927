import { expect, test } from 'vitest'
import { countReport } from './suite.mjs'

function file(name: string, status: string, tests: Record<string, string>) {
  const assertionResults = Object.entries(tests).map(([fullName, state]) => ({ fullName, status: state }))
  return { name: `/project/${name}`, status, assertionResults }
}

test('a report is counted, and what failed or was skipped is named', () => {
  const report = {
    testResults: [
      file('engine/a.test.ts', 'passed', { one: 'passed', two: 'pending', three: 'passed' }),
      file('engine/b.test.ts', 'failed', { four: 'failed', five: 'todo' }),
    ],
  }
  expect(countReport(report, '/project')).toEqual({
    passed: 2,
    failed: ['engine/b.test.ts: four'],
    skipped: ['engine/a.test.ts: two', 'engine/b.test.ts: five'],
  })
})

test('a file that breaks outside its tests is a failure', () => {
  const report = { testResults: [file('app/c.e2e.ts', 'failed', { six: 'skipped' })] }
  expect(countReport(report, '/project')).toEqual({
    passed: 0,
    failed: ['app/c.e2e.ts: the file itself'],
    skipped: ['app/c.e2e.ts: six'],
  })
})
