/**
 * The machine of a tab, and everything around it: its store, its pump, its readers. What is asked of it here is what the page
 * asks through Comlink; that this runs in a worker is the business of `engine_worker.ts`.
 */
import type { Arena } from '../../engine/base/arena.ts'
import type { Frame } from '../../engine/api/frame.ts'
import { frameBuffers, FrameBuilder } from '../../engine/api/frame_builder.ts'
import { isDiskModel } from '../../engine/api/vocabulary.ts'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'
import type { Machine } from '../../engine/lab/machine.ts'
import { exportRecording } from '../../engine/lab/recording_text.ts'
import { foundMachine, newMachine, storedForm, type Booted } from './boot.ts'
import { FRAME_REQUEST, SPEED_DEFAULT, type DiskBytes, type EngineApi, type StartOptions, type StartReport } from './engine_api.ts'
import { StoreError, type MachineStore } from './machine_store.ts'
import { Pump } from './pump.ts'
