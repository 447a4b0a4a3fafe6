import t from 'tap'
import { atLeast, nginxSuits } from '../find.ts'

const modules = '--with-http_ssl_module --with-http_v2_module --with-http_realip_module --with-http_auth_request_module --with-stream_ssl_module'

t.test('an nginx of the system is used only when it can do what the edge asks of it', async t => {
  t.ok(nginxSuits(`nginx version: nginx/1.25.1\nconfigure arguments: ${modules} --with-stream`))
  t.ok(nginxSuits(`nginx version: nginx/1.31.3\nconfigure arguments: --with-stream ${modules}`))
  t.notOk(nginxSuits(`nginx version: nginx/1.22.1\nconfigure arguments: ${modules} --with-stream`), 'too old')
  t.notOk(nginxSuits(`nginx version: nginx/1.26.0\nconfigure arguments: ${modules} --with-stream=dynamic`), 'its stream module lies at an unknown place')
  t.notOk(nginxSuits('nginx version: nginx/1.26.0\nconfigure arguments: --with-stream'), 'no TLS')
  t.notOk(nginxSuits(''))
})

t.test('versions are compared as numbers', async t => {
  t.ok(atLeast('v=10.0.0', /v=([\d.]+)/, [7, 2, 0]))
  t.ok(atLeast('v=7.2', /v=([\d.]+)/, [7, 2, 0]))
  t.notOk(atLeast('v=7.0.9', /v=([\d.]+)/, [7, 2, 0]))
  t.notOk(atLeast('unknown', /v=([\d.]+)/, [7, 2, 0]))
})
