/**
 * One machine as views see it: what the newest frame says, and the picture that frames amount to. A view of a device asks its
 * {@link MachineContext}, so that it can stand there twice, once for each of two machines.
 */
import { createContext, useContext } from 'react'
import type { StoreApi } from 'zustand/vanilla'
import { enginePort, picture } from './engine.ts'
import type { BytesBefore, Peeked } from './engine_port.ts'
import { machineStore, type MachineState } from './machine_store.ts'
import type { Picture } from './picture.ts'
import { twinMachineStore, twinPicture } from './twin_store.ts'

/** `only`: nothing stands beside it. */
export type MachineSide = 'only' | 'left' | 'right'

export interface MachineView {
  readonly side: MachineSide
  readonly store: StoreApi<MachineState>
  picture(): Picture
  /** Bytes of a disk at this instant. */
  peek(disk: string, sector: number, sectors: number): Promise<Peeked | undefined>
  /** The same right after the step before; nothing where that is not kept. */
  peekBefore(disk: string, sector: number, sectors: number): Promise<BytesBefore | null>
}

const MAIN = {
  store: machineStore,
  picture,
  peek: async (disk: string, sector: number, sectors: number) => enginePort()?.peek(disk, sector, sectors),
  peekBefore: async (disk: string, sector: number, sectors: number) =>
    (await enginePort()?.peekBefore(disk, sector, sectors)) ?? null,
}

/** The machine of the page. */
export const MAIN_VIEW: MachineView = { side: 'only', ...MAIN }
/** The same, with another one beside it. */
export const LEFT_VIEW: MachineView = { side: 'left', ...MAIN }

/** The one beside it. */
export const RIGHT_VIEW: MachineView = {
  side: 'right',
  store: twinMachineStore,
  picture: twinPicture,
  peek: async (disk, sector, sectors) => enginePort()?.peekTwin(disk, sector, sectors),
  peekBefore: async () => Promise.resolve(null),
}

export const MachineContext = createContext<MachineView>(MAIN_VIEW)

export function useMachine(): MachineView {
  return useContext(MachineContext)
}
