import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';

/** A file, what it imports against the rule, and the rule that must say so. */
const violations: [file: string, imports: string, rule: string][] = [
  ['shared/chat/circle-back.ts', './circle', 'no-circles'],
  ['shared/chat/missing.ts', './not-there', 'no-unresolved'],
  ['shared/chat/undeclared.ts', 'undeclared', 'no-undeclared'],
  ['shared/chat/calls-door.ts', '../../functions/fine', 'nobody-imports-outermost'],
  ['functions/calls-door.ts', './fine', 'functions-stand-alone'],
  ['functions/calls-host.ts', '../local/fine', 'functions-stand-alone'],
  ['local/names-door.ts', '../functions/fine', 'local-loads-functions-by-folder'],
  ['shared/http/asks-container.ts', '../container', 'container-knows-everybody'],
  ['functions/takes-parts.ts', '../shared/parts', 'container-makes-parts'],
  ['functions/calls-gateway.ts', '../shared/search/fine', 'functions-parse-call-reply'],
  ['functions/calls-provider.ts', '../shared/memory/local', 'functions-parse-call-reply'],
  ['shared/http/calls-service.ts', '../chat/fine', 'http-calls-nobody'],
  ['shared/search/speaks-http.ts', '../http/fine', 'http-above-gateways'],
  ['shared/memory/zep.ts', './memory-service', 'gateways-call-no-service'],
  ['shared/channels/whatsapp-sender.ts', './channels', 'gateways-call-no-service'],
  ['shared/resilience/knows-above.ts', '../search/fine', 'ground-stands-alone'],
  ['shared/chat/uses-test.ts', '../../tests/fine', 'sources-import-no-tests'],
  ['shared/chat/mem0.ts', 'mem0ai', 'only-mem0'],
  ['shared/chat/zep.ts', '@getzep/zep-cloud', 'only-zep'],
  ['shared/chat/qdrant.ts', '@qdrant/js-client-rest', 'only-qdrant'],
  ['shared/chat/transformers.ts', '@xenova/transformers', 'only-transformers'],
  ['shared/chat/orama.ts', '@orama/stemmers/english', 'only-orama'],
  ['shared/chat/pg.ts', 'pg', 'only-postgres'],
  ['shared/chat/pglite.ts', '@electric-sql/pglite', 'only-postgres'],
  ['shared/chat/driver.ts', 'drizzle-orm/pglite', 'only-drizzle-drivers'],
  ['shared/chat/ai.ts', 'ai', 'only-ai'],
  ['shared/chat/phone.ts', 'libphonenumber-js', 'only-phone'],
  ['shared/chat/sentiment.ts', 'multilang-sentiment', 'only-sentiment'],
  ['shared/chat/iban.ts', 'ibantools', 'only-iban'],
  ['shared/chat/cockatiel.ts', 'cockatiel', 'only-cockatiel'],
  ['shared/chat/router.ts', 'find-my-way', 'only-local-host'],
  ['local/bundler.ts', 'esbuild', 'only-build'],
  ['local/zips.ts', 'fflate', 'only-zip'],
  ['shared/chat/commands.ts', 'commander', 'only-command-line'],
  ['shared/chat/azure.ts', '@azure/functions', 'only-functions'],
  ['shared/chat/identity.ts', '@azure/identity', 'only-azure-identity'],
  ['shared/chat/vault.ts', '@azure/keyvault-secrets', 'only-key-vault'],
  ['shared/chat/monitor.ts', '@azure/monitor-opentelemetry', 'only-azure-monitor'],
  ['shared/chat/spans.ts', '@opentelemetry/api', 'only-opentelemetry'],
  ['local/queues.ts', '@azure/storage-queue', 'only-storage-queues'],
];

/** Imports that the rules let pass. */
const allowed: [file: string, imports: string][] = [
  ['shared/chat/circle.ts', './circle-back'], // A circle is told of once, at its other end.
  ['functions/fine.ts', '../shared/container'],
  ['functions/asks-http.ts', '../shared/http/fine'],
  ['local/fine.ts', '../shared/container'],
  ['shared/container.ts', './parts'],
  ['shared/parts.ts', './chat/fine'],
  ['shared/chat/fine.ts', '../search/fine'],
  ['shared/chat/model-client.ts', '@ai-sdk/azure'],
  ['shared/search/fine.ts', '../resilience/fine'],
  ['shared/memory/memory-service.ts', './local'],
  ['shared/memory/local.ts', '../database/fine'],
  ['shared/channels/channels.ts', '../chat/fine'],
  ['shared/database/fine.ts', 'drizzle-orm/pglite'],
  ['shared/http/fine.ts', '@azure/functions'],
  ['shared/http/knows-contract.ts', '../chat/fine-contract'],
  ['shared/chat/fine-contract.ts', '../resilience/fine'],
  ['shared/resilience/fine.ts', 'cockatiel'],
  ['shared/telemetry/fine.ts', '@opentelemetry/api'],
  ['tests/fine.ts', '../functions/fine'],
];

const packages = new Set(
  [...violations, ...allowed].map(([, imports]) => imports).filter((name) => !name.startsWith('.')),
);

function writeProject(root: string): void {
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const [file, imports] of [...violations, ...allowed]) write(file, `import '${imports}';\n`);
  for (const name of packages) write(`node_modules/${name}/index.js`, '');
  const declared = [...packages]
    .filter((name) => name !== 'undeclared')
    .map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1));
  write(
    'package.json',
    JSON.stringify({ dependencies: Object.fromEntries(declared.map((parts) => [parts.join('/'), '*'])) }),
  );
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json']) cpSync(shippedPath(file), path.join(root, file));
}

function findViolations(root: string): Set<string> {
  const cli = shippedPath('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const rooms = ['functions', 'shared', 'local', 'tests'];
  const args = [cli, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...rooms];
  const report = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
  const found: { from: string; rule: { name: string } }[] = report.summary.violations;
  return new Set(found.map(({ from, rule }) => `${from}: ${rule.name}`));
}

describe('the directions between rooms', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'keepsake-directions-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('refuses each import that goes against them, and no other', () => {
    writeProject(root);
    const found = findViolations(root);
    const expected = violations.map(([file, , rule]) => `${file}: ${rule}`);
    expect(expected.filter((violation) => !found.has(violation))).toEqual([]);
    expect([...found].filter((violation) => allowed.some(([file]) => violation.startsWith(`${file}:`)))).toEqual([]);
  });

  it('has an example for every rule', () => {
    const { forbidden } = require(shippedPath('.dependency-cruiser.cjs')) as { forbidden: { name: string }[] };
    expect(new Set(violations.map(([, , rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });
});
