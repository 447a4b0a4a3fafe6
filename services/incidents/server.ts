import { start } from '#shared/start'
import { app } from './app.ts'
import { incidentsConfig } from './config.ts'

await start({ name: 'incidents', fields: incidentsConfig, app })
