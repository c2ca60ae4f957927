import { createStore } from 'zustand/vanilla'

/** Why the address does not hold the moment; empty where it does. */
export const addressStore = createStore<{ readonly trouble: string }>()(() => ({ trouble: '' }))
