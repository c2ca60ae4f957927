import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startMachine } from './model/connection.ts'
import { keepForOffline } from './model/offline.ts'
import { trustOwnAddresses } from './own_addresses.ts'
import { Mishap } from './views/mishap.tsx'
import { Page } from './views/page.tsx'
import './theme/theme.css'

trustOwnAddresses()
void startMachine()
keepForOffline()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Mishap>
      <Page />
    </Mishap>
  </StrictMode>,
)
