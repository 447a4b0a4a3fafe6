import '../design/tokens.css'
import '../design/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { QueryClientProvider } from '@tanstack/react-query'
import { createQueries } from '../api/queries.ts'
import { Docs } from './docs.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('docs/index.html lost its root')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueries()}>
      <Docs />
    </QueryClientProvider>
  </StrictMode>
)
