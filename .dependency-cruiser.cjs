/** What may import what. The reason stands at each rule. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'Two files that need each other are one thought in two places.', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'services-through-their-client',
      severity: 'error',
      comment: 'A service knows of another only what its client.ts says; all else would bind their insides together.',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: ['^services/$1/', '^services/[^/]+/client\\.ts$', '^services/chat/frames\\.ts$'] }
    },
    {
      name: 'one-door-to-vault',
      severity: 'error',
      comment: 'Rule of trust 2: one file imports hashi-vault-js.',
      from: { pathNot: '^services/secrets/vault/client\\.ts$' },
      to: { path: 'node_modules/hashi-vault-js' }
    },
    { name: 'shared-knows-no-service', severity: 'error', comment: 'The skeleton stands below the services.', from: { path: '^shared/', pathNot: '^shared/(testing|test)/' }, to: { path: '^(services|scripts|infra)/' } },
    { name: 'production-without-tests', severity: 'error', comment: 'What runs for people must not need what runs for tests.', from: { path: '^(services|shared|infra)/', pathNot: '/(test|testing)/' }, to: { path: '/(test|testing)/' } },
    { name: 'declared-dependencies', severity: 'error', comment: 'What is imported stands in package.json.', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] } },
    { name: 'resolvable', severity: 'error', comment: 'An import that leads nowhere fails at run time.', from: {}, to: { couldNotResolve: true } }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|\\.tap/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] }
  }
}
