import { createDatabase } from '../../shared/database/client';
import type { Memory } from '../../shared/memory/memory';
import { createEmbeddedIndex } from '../../shared/search/embedded';
import type { SearchFilter, SearchIndex } from '../../shared/search/index';
import { createQdrantIndex } from '../../shared/search/qdrant';
import type { RankedMemory } from '../../shared/search/ranking';
import { createLogger } from '../../shared/telemetry/logger';
import { createRandom } from '../support/faults';
import { freshHome } from '../support/home';
import { aMemory, person, points, search, signal } from '../support/points';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';

const random = createRandom(7);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

const people = ['Ana', 'Ben', 'Clara'];
const things = ['garden', 'guitar', 'bicycle', 'novel', 'kitchen', 'dog', 'marathon', 'museum', 'piano', 'camera'];
const deeds = ['painted', 'sold', 'repaired', 'lost', 'found', 'borrowed', 'praised', 'cleaned', 'photographed'];
const times = ['yesterday', 'in May', 'last week', 'two years ago', 'on Sunday', 'when it rained', 'for 3 hours'];

const sentence = () =>
  pick([
    () => `I ${pick(deeds)} the ${pick(things)} ${pick(times)}.`,
    () => `Did you see the ${pick(things)} that ${pick(people)} ${pick(deeds)}?`,
    () => `My ${pick(things)} and the ${pick(things)} were ${pick(deeds)} ${pick(times)}, which was a surprise.`,
    () => `${pick(people)} asked about the ${pick(things)}.`,
  ])();

const question = () =>
  pick([
    () => `When did ${pick(people)} lose the ${pick(things)}?`,
    () => `How many hours was the ${pick(things)} ${pick(deeds)}?`,
    () => `Who ${pick(deeds)} the ${pick(things)} and the ${pick(things)}?`,
    () => `What happened to the ${pick(things)} in May?`,
    () => `Did ${pick(people)} and ${pick(people)} ever talk about a ${pick(things)}, a ${pick(things)} or rain?`,
  ])();

/** Three hundred turns of twenty conversations, and some memories that stand alone. */
const history = (userId: string): Memory[] =>
  Array.from({ length: 330 }, (_, i) =>
    aMemory(userId, sentence(), {
      ...(i < 300 && { sessionId: `session-${Math.floor(i / 15)}` }),
      speaker: pick(people),
      type: pick(['fact', 'conversation']),
      topic: pick(['home', 'music', null]),
      createdAt: new Date(Date.UTC(2025, 4, 1 + i / 15, 8, i % 15)),
      supersededBy: random() < 0.05 ? '00000000-0000-4000-8000-000000000001' : null,
    }),
  );

describe('both indexes', () => {
  const database = createDatabase({ home: freshHome(), url: undefined });
  const ana = person();
  let server: QdrantServer;
  let indexes: SearchIndex[];
  beforeAll(async () => {
    server = await createQdrantServer();
    const logger = createLogger('silent');
    indexes = [createEmbeddedIndex(database), createQdrantIndex({ url: server.url, collection: 'memories', logger })];
    const stored = await Promise.all(history(ana).map((memory) => points.toPoint(memory, false)));
    for (const index of indexes) await index.upsert(ana, stored, signal);
  });
  afterAll(() => Promise.all([server.close(), database.close()]));

  it.each<[string, SearchFilter]>([
    ['all of a person', {}],
    ['what one speaker said', { speaker: 'Ana' }],
    ['a type', { types: ['fact'] }],
    ['a topic since a day', { topics: ['home'], since: new Date('2025-05-05T00:00:00Z') }],
    ['one conversation', { sessionId: 'session-3' }],
  ])('give the same ten of %s, with the same scores', async (_, filter) => {
    const questions = Array.from({ length: 30 }, question);
    let same = 0;
    for (const text of questions) {
      const [embedded, qdrant] = await Promise.all(indexes.map((index) => search(index, ana, text, { filter })));
      expect(embedded).toHaveLength(10);
      same += Number(ids(embedded).sort().join() === ids(qdrant).sort().join());
      // Sentence vectors are rounded alike, but Qdrant then makes their lengths exactly 1.
      for (const [rank, { score }] of (embedded ?? []).entries())
        expect(Math.abs((qdrant?.[rank]?.score ?? 0) - score)).toBeLessThan(0.002);
    }
    expect(same / questions.length).toBeGreaterThanOrEqual(0.95);
  });
});

const ids = (results: RankedMemory[] = []) => results.map(({ memory }) => memory.id);
