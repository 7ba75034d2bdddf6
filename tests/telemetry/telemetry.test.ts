import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gaugeNames } from '../../shared/health/gauges';
import { countMetric, durationMetric } from '../../shared/telemetry/telemetry';
import { createCertificate } from '../support/certificate';
import { startChild } from '../support/child';
import { freshHome } from '../support/home';
import { createIngestionServer, type IngestionServer, type SentSpan } from '../support/ingestion-server';
import { createMem0Server } from '../support/mem0-server';
import { createModelServer } from '../support/model-server';
import { modelSettings } from '../support/model-settings';
import { createQdrantServer } from '../support/qdrant-server';

const words = 'My canary5e1c lives in the canary7b2d valley';
const person = 'canary9f3a@example.com';
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';

const isSame = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);

/** What a process of its own says of itself, by name. */
type Said = Record<'unset' | 'nonsense' | 'failing' | 'refused', Glimpse> & { statuses: number[]; closed: boolean };
type Glimpse = { status: number; issues: string[]; closedMs: number; loaded: boolean };

describe('telemetry', () => {
  let said: Said;
  let logs: { event: string; level: string }[];
  let taken: IngestionServer;
  let secrets: string[];

  const certificate = createCertificate();
  const folder = mkdtempSync(path.join(tmpdir(), 'keepsake-telemetry-'));
  const certificateFile = path.join(folder, 'cert.pem');
  writeFileSync(certificateFile, certificate.cert);
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(async () => {
    const [good, failing, refused, mem0, qdrant, model] = await Promise.all([
      ...[createIngestionServer(certificate), createIngestionServer(certificate), createIngestionServer(certificate)],
      ...[createMem0Server(), createQdrantServer(), createModelServer()],
    ] as const);
    failing.fault = () => ({ kind: 'status', status: 500 });
    await refused.close();
    model.answer = () => ({ text: 'So your canary5e1c lives there.' });
    taken = good;
    const child = startChild('tests/telemetry/fixtures/observed.ts', [], {
      ...{ GOOD: good.connectionString, FAILING: failing.connectionString, REFUSED: refused.connectionString },
      ...{ WORDS: words, PERSON: person, TRACE_PARENT: `00-${trace}-${callersSpan}-01` },
      ...{ KEEPSAKE_HOME: freshHome(), DATABASE_URL: '', LOG_LEVEL: 'silent' },
      ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, QDRANT_URL: qdrant.url, QDRANT_API_KEY: 'canary1d4e' },
      ...modelSettings(model),
      NODE_EXTRA_CA_CERTS: certificateFile,
      // All spans, where five a second is what is taken otherwise.
      OTEL_TRACES_SAMPLER: 'always_on',
    });
    const ended = new Promise((resolve) => child.process.once('exit', resolve));
    await child.line(/"closed"/);
    expect(await ended).toBe(0);
    const lines = child
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    const parsed = lines.map((line) => JSON.parse(line));
    said = Object.assign({}, ...parsed);
    logs = parsed.flatMap(({ log }) => (log ? [log] : []));
    const ids = mem0.store.rows.map(({ id }) => id);
    secrets = [
      ...ids,
      'canary',
      person,
      'valley',
      mem0.apiKey,
      model.apiKey,
      ...[mem0, qdrant, model].map(({ url }) => url),
    ];
    await Promise.all([good, failing, mem0, qdrant, model].map((server) => server.close()));
  }, 60_000);

  /** The names of a span and of those above it, the outermost first. */
  const pathOf = ({ name, parent }: SentSpan): string => {
    const above = taken.spans().find(({ id }) => id === parent);
    return above ? `${pathOf(above)} > ${name}` : name;
  };

  it('sends a span of each stage, below the stage that it belongs to', () => {
    // 201, or 202 where the provider takes its time.
    expect(said.statuses.map((status) => Math.floor(status / 100))).toEqual([2, 2, 2, 4]);
    const paths = taken.spans().map(pathOf);
    for (const expected of [
      'add-memory > provider.add > mem0.add',
      'add-memory > qdrant',
      'search > recall > rung.index > embed',
      'search > recall > rung.index > qdrant',
      'chat > recall > rung.index > embed',
      'chat > model.reply > model',
      'sync > mem0.users',
    ])
      expect(paths).toContain(expected);
    expect(taken.spans().filter(({ durationMs }) => !(durationMs > 0))).toEqual([]);
  });

  it("goes on with the caller's trace, and tells the request by its id", () => {
    const doors = taken.spans().filter(({ parent }) => parent === callersSpan);
    expect(doors.map(({ name }) => name)).toEqual(['add-memory', 'search', 'chat', 'search']);
    expect(doors.map(({ properties }) => Number(properties.status))).toEqual(said.statuses);
    for (const door of doors) {
      expect(door.trace).toBe(trace);
      expect(door.properties.request_id).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('tells of a stage that failed, with its code', () => {
    const failed = taken.spans().filter(({ success }) => !success);
    expect(failed).toMatchObject([{ name: 'model.extract', properties: { code: 'nonsense' } }]);
  });

  it('sends what is counted and timed, and how everything stands', () => {
    const metrics = taken.metrics();
    const of = (properties: Record<string, string>) => metrics.find((metric) => isSame(metric.properties, properties));
    expect(of({ stage: 'search' })).toMatchObject({ name: durationMetric, count: 2 });
    expect(of({ stage: 'embed' })).toMatchObject({ name: durationMetric });
    expect(of({ event: 'provider.success' })).toMatchObject({ name: countMetric, value: 2 });
    // What callers call their memories stays with them.
    expect(of({ type: 'other' })).toMatchObject({ name: 'keepsake.memories', value: 2 });
    const sent = new Set(metrics.map(({ name }) => name));
    expect([...sent].sort()).toEqual([...gaugeNames, durationMetric, countMetric, '_OTELRESOURCE_'].sort());
  });

  it('sends nothing else, and of nobody a word, an id, an address or a key', () => {
    expect(taken.others()).toEqual([]);
    const sent = JSON.stringify(taken.requests);
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter((secret) => sent.includes(secret))).toEqual([]);
  });

  it('is not even loaded where it is not set up', () => {
    expect(said.unset.loaded).toBe(false);
    expect(said.nonsense.loaded).toBe(true);
  });

  it('changes nothing for callers where it cannot begin, and is an issue then', () => {
    expect(said.nonsense.status).toBe(said.unset.status);
    expect(said.nonsense.issues).toEqual([...said.unset.issues, expect.stringContaining('APPLICATIONINSIGHTS')]);
    expect(logs).toContainEqual(expect.objectContaining({ level: 'error', event: 'telemetry failed' }));
  });

  it.each([
    ['failing', { status: 500 }],
    ['refused', { code: 'ECONNREFUSED' }],
  ] as const)('changes nothing for callers where Azure Monitor is %s, which is logged once', (kind, reason) => {
    const { unset, [kind]: glimpse } = said;
    expect(glimpse).toMatchObject({ status: unset.status, issues: unset.issues });
    expect(glimpse.closedMs).toBeLessThan(4_000);
    const notSent = logs.filter(({ event }) => event === 'telemetry not sent');
    expect(notSent).toHaveLength(2);
    expect(notSent).toContainEqual(expect.objectContaining({ level: 'warn', ...reason }));
  });
});
