import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { PublicDecisionPage } from './pages/public-decision.tsx'
import { queryClient } from './query-client.ts'
import { SettingsProvider } from './settings.tsx'
import './styles/console.css'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <SettingsProvider>
      <QueryClientProvider client={queryClient}>
        <PublicDecisionPage />
      </QueryClientProvider>
    </SettingsProvider>
  </StrictMode>,
)
