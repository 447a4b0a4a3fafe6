import { start } from '#shared/start'
import { app } from './app.ts'
import { chatConfig } from './config.ts'

await start({ name: 'chat', fields: chatConfig, app })
