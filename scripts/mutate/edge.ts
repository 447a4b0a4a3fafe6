import type { Mutation } from './mutation.ts'

const test = (name: string) => `infra/nginx/test/${name}.test.ts`
const edge = (guard: string, file: string, find: string, replace: string, ...tests: string[]): Mutation =>
  ({ guard, file: `infra/nginx/${file}`, find, replace, tests: tests.map(test), alone: true })

export const theEdge: Mutation[] = [
  edge('a stolen token does not reach a hook', 'conf/routes-hooks.conf', '  proxy_set_header Authorization "";\n', '  proxy_set_header Authorization $http_authorization;\n', 'identity-headers'),
  edge('a token from outside is overwritten by the minted one', 'conf/person.conf', 'proxy_set_header Authorization $bearer;', 'proxy_set_header Authorization $http_authorization;', 'identity-headers'),
  edge('auth is asked before incidents', 'conf/routes-incidents.conf', '  auth_request /.edge/authorize/incidents;\n  include person.conf;\n  include request-headers.conf;\n  proxy_buffering off;\n  proxy_read_timeout 1h;', '  include person.conf;\n  include request-headers.conf;\n  proxy_buffering off;\n  proxy_read_timeout 1h;', 'identity-headers', 'configuration'),
  edge('an export of the audit log is not kept on the edge\'s disk', 'conf/routes-auth.conf', '  proxy_buffering off;\n', '', 'streams'),
  edge('identity headers from outside are dropped', 'conf/proxy.conf', 'proxy_pass_request_headers off;\n', '', 'identity-headers'),
  edge('the sender\'s address is not the sender\'s to say', 'conf/proxy.conf', 'X-Forwarded-For $remote_addr', 'X-Forwarded-For $http_x_forwarded_for', 'identity-headers'),
  edge('the audience is a constant', 'conf/authorize.conf', 'X-Aurora-Audience secrets;', 'X-Aurora-Audience incidents;', 'authorize'),
  edge('what auth does not allow is refused', 'conf/problems.conf', '  "~^ 403$" 403;\n  default 503;', '  "~^ 403$" 403;\n  default 401;', 'authorize'),
  edge('the subrequest has no body', 'conf/authorize-request.conf', 'proxy_set_header Content-Length "";\n', 'proxy_set_header Content-Length $content_length;\n', 'authorize'),
  edge('auth hears of the origin', 'conf/authorize-request.conf', 'proxy_set_header Origin $http_origin;\n', '', 'authorize'),
  edge('auth hears of an upgrade', 'conf/authorize-request.conf', 'proxy_set_header Upgrade $http_upgrade;\n', '', 'authorize'),
  edge('encoded separators are refused', 'conf/requests.conf', '  ~*^[^?]*%(25)*(2f|5c|2e|00) 1;\n', '', 'targets'),
  edge('backslashes and doubled slashes are refused', 'conf/requests.conf', '  ~^[^?]*(\\x5c|//|\\x23) 1;\n', '', 'targets'),
  edge('dot segments are refused', 'conf/requests.conf', '  ~^[^?]*/\\.\\.?(/|\\?|$) 1;\n', '', 'targets'),
  edge('undeclared methods are refused', 'conf/requests.conf', 'map "$request_method $request_uri $uri" $undeclared_method {\n  default 1;', 'map "$request_method $request_uri $uri" $undeclared_method {\n  default 0;', 'methods'),
  edge('a hook takes POST only', 'conf/requests.conf', '  "~^[A-Z]+ /hooks(/|\\?| )" 1;\n', '  "~^[A-Z]+ /hooks(/|\\?| )" 0;\n', 'methods'),
  edge('what services say to each other is not reachable', 'conf/routes-static.conf', 'location ~ ^/(api|internal)(/|$) {\n  return 404;\n}\n', '', 'routes'),
  edge('a hook\'s body has a limit', 'conf/routes-hooks.conf', 'client_max_body_size 1m;', 'client_max_body_size 2m;', 'limits'),
  edge('a body has a limit', 'conf/limits.conf', 'client_max_body_size 64k;', 'client_max_body_size 1m;', 'limits'),
  edge('an address is counted', 'conf/limits.conf', 'limit_req zone=requests burst=${EDGE_BURST} nodelay;\n', '', 'flood'),
  edge('an address holds so many requests open', 'conf/limits.conf', 'limit_conn connections ${EDGE_CONNECTIONS};\n', '', 'flood'),
  edge('an IPv6 network counts as one address', 'conf/limits.conf', '  ~^(?<ipv6_network>[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+): $ipv6_network;\n', '', 'flood'),
  edge('a slow header is cut off', 'conf/limits.conf', 'client_header_timeout ${EDGE_HEADER_SECONDS}s;', 'client_header_timeout 60s;', 'limits'),
  edge('a peer shows its certificate', 'conf/peers.conf', 'proxy_ssl_verify on;', 'proxy_ssl_verify off;', 'tls'),
  edge('a peer is the one that was meant', 'conf/routes-secrets.conf', 'proxy_ssl_name secrets;', 'proxy_ssl_name localhost;', 'tls'),
  edge('connections to services are kept', 'conf/peers.conf', 'upstream incidents {\n  zone incidents 128k;\n  server ${EDGE_INCIDENTS} max_fails=0;\n  keepalive 64;', 'upstream incidents {\n  zone incidents 128k;\n  server ${EDGE_INCIDENTS} max_fails=0;\n  keepalive 0;', 'routes'),
  edge('a service can not steer the edge', 'conf/peers.conf', 'proxy_ignore_headers X-Accel-Redirect ', 'proxy_ignore_headers ', 'responses'),
  edge('cookies come from auth alone', 'conf/person.conf', 'proxy_hide_header Set-Cookie;\n', '', 'responses', 'authorize'),
  edge('TLS 1.1 is not spoken', 'conf/tls.conf', 'ssl_protocols TLSv1.2 TLSv1.3;', 'ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_conf_command CipherString DEFAULT@SECLEVEL=0;', 'tls'),
  edge('pages have a policy', 'conf/headers.conf', 'add_header Content-Security-Policy $content_security_policy always;\n', '', 'responses'),
  edge('pages can not be framed', 'conf/headers.conf', 'add_header X-Frame-Options DENY always;\n', '', 'responses'),
  edge('what the API answers is not cached', 'conf/responses.conf', 'add_header Cache-Control no-store always;\n', '', 'responses'),
  edge('queries stay out of the access log', 'conf/logs.conf', '"path":"$request_path"', '"path":"$request_uri"', 'logs'),
  edge('queries stay out of the error log', 'conf/nginx.conf', 'error_log stderr crit;', 'error_log stderr error;', 'logs'),
  edge('only a WebSocket is upgraded', 'conf/requests.conf', '  "~*^GET websocket$" websocket;\n  default "";', '  default $http_upgrade;', 'streams'),
  edge('a stream is passed on as it comes', 'conf/routes-incidents.conf', '  proxy_buffering off;\n  proxy_read_timeout 1h;', '  proxy_read_timeout 1h;', 'streams'),
  edge('a file is never kept on the edge\'s disk', 'conf/routes-incidents.conf', '  proxy_request_buffering off;\n', '', 'streams'),
  edge('a renewed certificate is taken over', 'supervisor.ts', "nginx.kill('SIGHUP')", 'nginx.kill(0)', 'supervisor'),
  edge('a setting can not be a second directive', 'configuration.ts', '/[\\s;{}"\'$\\\\]/.test(value)', 'false', 'supervisor')
]
