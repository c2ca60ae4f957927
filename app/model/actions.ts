/** What buttons, keys and the palette do. Whatever changes the machine is a typed line; how time moves is the page's business. */
import { MAX_NOTCH, notchOfSpeed, speedOfNotch } from '../draw/speed_scale.ts'
import { enginePort, typeLine } from './engine.ts'
import { machineStore } from './machine_store.ts'
import { timeStore } from './time_store.ts'
import { eraseAll } from './ways_on.ts'

/** Whether time can go on now. In the past it can without power, too: the line that switched it on again comes. */
function isReady(): boolean {
  const { condition, isPowerOn } = machineStore.getState()
  return condition === 'running' && (isPowerOn || !timeStore.getState().isLive)
}

export function play(): void {
  if (isReady()) void enginePort()?.play()
}

export function pause(): void {
  if (isReady()) void enginePort()?.pause()
}

export function togglePlay(): void {
  if (machineStore.getState().isPlaying) pause()
  else play()
}

/** One disk I/O forwards, and stop there. */
export function step(): void {
  if (isReady()) void enginePort()?.step(1)
}

/** @param speed virtual seconds per real second */
export function setSpeed(speed: number): void {
  void enginePort()?.setSpeed(speed * 1e9)
}

/** A factor of about three, up or down. */
export function changeSpeed(by: 1 | -1): void {
  const notch = notchOfSpeed(machineStore.getState().speed)
  setSpeed(speedOfNotch(Math.max(0, Math.min(MAX_NOTCH, notch + 2 * by))))
}

export function cutPower(): void {
  const { condition, isPowerOn } = machineStore.getState()
  if (condition === 'running' && isPowerOn) void typeLine('power cut')
}

export function powerOn(): void {
  const { condition, isPowerOn } = machineStore.getState()
  if (condition === 'running' && !isPowerOn) void typeLine('power on')
}

/** The key for the power: cuts it, or switches it on. */
export function togglePower(): void {
  if (machineStore.getState().isPowerOn) cutPower()
  else powerOn()
}

/** Erases the machine and its disks, after asking, and makes the first one anew. */
export function startAfresh(): void {
  const isSure = window.confirm('Erase this machine and its disks, and begin again with a new one?')
  if (isSure) eraseAll()
}
