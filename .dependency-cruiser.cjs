/**
 * Directions between rooms, and one vendor, one file. A caller is above what it calls:
 * functions, local, cli, bench → container, http → services → gateways → resilience, config, telemetry.
 */
const outermost = '^(functions|local|cli|bench)/';
const services =
  '^shared/((sync|chat|identity|conversations|brain|migration|retention)/|channels/(channels|channel-message|twilio|whatsapp|telegram)\\.ts$|memory/(memory-service|bulk-delivery|adding|changing|recall|unsent|durable-write|outbox|drain-outbox|delivery|carrying|sending|guard)\\.ts$)';
const gateways =
  '^shared/((search|embedding|database)/|channels/whatsapp-sender\\.ts$|memory/(mem0[a-z-]*|zep[a-z-]*|local|provider-gateway|vendor-failure|keepable)\\.ts$)';
const ground = '^shared/(resilience|config|telemetry|redaction)/';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Only files that match `path` may import `packages`. */
const vendor = (name, packages, path) =>
  forbid(
    `only-${name}`,
    'One vendor, one file: what it speaks is translated where it comes in.',
    { pathNot: path },
    {
      // An alias resolves to the folder of its real package, so both names are looked for.
      path: `^node_modules/(${packages})/|^(${packages})(/|$)`,
    },
  );

module.exports = {
  forbidden: [
    forbid(
      'no-circles',
      'Two files that need each other are one, or three.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'no-unresolved',
      'Nothing is imported that is not there.',
      {},
      { couldNotResolve: true, pathNot: '^@azure/functions-core$' },
    ),
    forbid(
      'no-undeclared',
      'What ships stands in dependencies.',
      { path: '^(functions|shared)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),

    forbid(
      'nobody-imports-outermost',
      'Doors and tools are called from outside only.',
      { pathNot: `${outermost}|^tests/` },
      { path: outermost },
    ),
    forbid(
      'functions-stand-alone',
      'A function never imports another, nor what runs it.',
      { path: '^functions/' },
      { path: outermost },
    ),
    forbid(
      'local-loads-functions-by-folder',
      'The local host loads functions as the Functions host does.',
      { path: '^local/' },
      { path: '^(functions|cli|bench)/' },
    ),
    forbid(
      'container-knows-everybody',
      'Only the outermost rooms ask the container.',
      { path: '^shared/', pathNot: '^shared/container\\.ts$' },
      { path: '^shared/container\\.ts$' },
    ),
    forbid(
      'container-makes-parts',
      'Whoever needs a part is given it by the container.',
      { pathNot: '^shared/(container|parts|chosen-parts)\\.ts$' },
      { path: '^shared/(parts|chosen-parts)\\.ts$' },
    ),
    forbid(
      'functions-parse-call-reply',
      'A door knows the container, http and a service, no gateway.',
      { path: '^functions/' },
      { path: gateways, dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'http-calls-nobody',
      'http parses and replies; the door calls the service. What a contract names, a request may, too.',
      { path: '^shared/http/' },
      { path: `${services}|${gateways}`, pathNot: '-contract\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'http-above-gateways',
      'Only doors and services speak of HTTP problems.',
      { path: `${gateways}|${ground}` },
      { path: '^shared/http/' },
    ),
    forbid(
      'gateways-call-no-service',
      'A gateway does not know who asks.',
      { path: gateways },
      { path: services, dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'ground-stands-alone',
      'Resilience, config, telemetry and redaction know nobody above; statistics keep their counters in the database.',
      { path: ground, pathNot: '^shared/telemetry/statistics\\.ts$' },
      { path: '^shared/', pathNot: ground },
    ),
    forbid('sources-import-no-tests', 'Tests are never shipped.', { pathNot: '^(bench|tests)/' }, { path: '^tests/' }),

    vendor('mem0', 'mem0ai', '^shared/memory/mem0-client\\.ts$'),
    vendor('zep', '@getzep/[^/]+', '^shared/memory/zep-client\\.ts$'),
    vendor('qdrant', '@qdrant/[^/]+|undici', '^shared/search/qdrant-client\\.ts$'),
    vendor(
      'transformers',
      '@(xenova|huggingface)/transformers|onnxruntime-[^/]+',
      '^(shared/embedding/|tests/support/shared-model\\.cjs$)',
    ),
    vendor('orama', '@orama/[^/]+', '^shared/embedding/'),
    vendor('postgres', 'pg|@types/pg|@electric-sql/[^/]+', '^(shared/database|tests/(support|database))/'),
    vendor('drizzle-drivers', 'drizzle-orm/(pglite|node-postgres|migrator)', '^shared/database/'),
    vendor('ai', 'ai|@ai-sdk/[^/]+', '^shared/chat/model-(client|tools|extraction)\\.ts$'),
    vendor('sentiment', 'multilang-sentiment', '^shared/conversations/sentiment\\.ts$'),
    vendor('phone', 'libphonenumber-js', '^shared/(identity/|redaction/phones\\.ts$)'),
    vendor('iban', 'ibantools', '^shared/redaction/ibans\\.ts$'),
    vendor('cockatiel', 'cockatiel', '^shared/resilience/'),
    vendor('local-host', 'croner|find-my-way', '^local/'),
    vendor('build', 'esbuild', '^(local/(bundle\\.ts|run-bundled\\.mjs)|tests/support/child\\.ts)$'),
    vendor('command-line', 'commander|cli-progress|picocolors', '^(cli|tests/cli)/'),
    vendor('zip', 'fflate', '^local/package\\.ts$'),
    vendor('azure-identity', '@azure/(identity|core-auth)', '^shared/config/azure-identity\\.ts$'),
    vendor('key-vault', '@azure/keyvault-[^/]+', '^shared/config/secrets\\.ts$'),
    vendor('azure-monitor', '@azure/monitor-[^/]+', '^shared/telemetry/azure-monitor\\.ts$'),
    vendor('opentelemetry', '@opentelemetry/[^/]+', '^shared/telemetry/'),
    vendor(
      'functions',
      '@azure/functions',
      '^(functions|local|tests|bench)/|^shared/(http/|sync/queue-bindings\\.ts$)',
    ),
    vendor('storage-queues', '@azure/storage-queue', '^local/storage-queues\\.ts$'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/.+/node_modules)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'require', 'import', 'types', 'default'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
  },
};
