import { createCalls } from '../support/calls';
import { aDeadline, createTestService } from '../support/service';

const said = { query: 'Two rooms?', answer: 'Yes.' };

/** One phone: as people, channels and keyboards of other scripts write it. */
const spellings = [
  ...['+14155550123', '+1 415 555 0123', '+1 (415) 555-0123', '+1-415-555-0123', '+1.415.555.0123', '0014155550123'],
  ...['001 415 555 0123', 'tel:+14155550123', 'sms:+1-415-555-0123', 'whatsapp:+14155550123', ' +1 415 5550123 '],
  ...[
    '＋１ ４１５ ５５５ ０１２３',
    '+١ ٤١٥ ٥٥٥ ٠١٢٣',
    '+1\u2011415\u2011555\u20110123',
    '\u202a+1 415\u00a0555\u00a00123\u202c',
  ],
];

describe('a caller', () => {
  const service = createTestService();
  const { container, clock, lines } = service;
  const calls = createCalls(container);
  beforeAll(() => container.warmUp(), 60_000);
  afterAll(service.close);
  beforeEach(() => clock.turn(1_000));

  const personOf = async (phone: string) => (await container.identity().find({ type: 'sms', address: phone }))?.userId;
  const store = async (session_id: string, user?: object) => {
    clock.turn(1_000);
    const { status, body } = await calls.store({ session_id, user, ...said });
    expect(status).toBe(201);
    return body.memory_id as string;
  };
  const idsOf = async (query: Record<string, string>) =>
    (await calls.find({ limit: '100', ...query })).body.memories.map(({ id }: { id: string }) => id);

  it('is one person by a phone in 15 spellings, and found by each', async () => {
    expect(new Set(spellings).size).toBe(15);
    const conversations = spellings.map((phone, i) => ({ session_id: `spelling-${i}`, user: { phone }, ...said }));
    const { body } = await calls.storeAll(conversations);
    expect(body).toMatchObject({ success: true, total: 15, stored: 15, failed: 0 });
    const ids = body.results.map(({ memory_id }: { memory_id: string }) => memory_id);
    for (const phone of spellings) {
      const found = await calls.find({ phone, limit: '100' });
      expect(found.body).toMatchObject({ count: 15, user_identifier: '+14155550123' });
      expect(found.body.memories.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed());
    }
    // As ?phone=+1415… arrives.
    expect(await idsOf({ phone: ' 14155550123' })).toHaveLength(15);
  });

  it('is who the id says, and has the phone from then on', async () => {
    const [first] = [await store('id-1', { id: 'ana', phone: '+14155550200' })];
    const second = await store('id-2', { phone: '+14155550200' });
    expect(await personOf('+14155550200')).toBe('ana');
    expect(await idsOf({ phone: '+14155550200' })).toEqual([second, first]);
  });

  it('keeps the phone when somebody else calls from it under an id of their own', async () => {
    await store('borrowed-1', { id: 'eva', phone: '+14155550201' });
    const borrowed = await store('borrowed-2', { id: 'fay', phone: '+14155550201' });
    expect(await personOf('+14155550201')).toBe('eva');
    expect(await idsOf({ phone: '+14155550201' })).not.toContain(borrowed);
    expect(lines.join()).toMatch(/phone is of another person/);
    expect(lines.join()).not.toMatch(/4155550201/);
  });

  it('who begins unknown and gives a phone later is that person from then on, in one session', async () => {
    const known = await store('earlier', { phone: '+14155550202' });
    const unknown = await store('later');
    const still = await store('later', {});
    const named = await store('later', { phone: '+14155550202' });
    const after = await store('later');
    expect(await idsOf({ session_id: 'later' })).toEqual([after, named, still, unknown]);
    expect(await idsOf({ phone: '+14155550202' })).toEqual([after, named, known]);
  });

  it('who says nothing of themselves is one person a session, also of two first requests at once', async () => {
    const [one, other] = await Promise.all([store('silent'), store('silent')]);
    const { body } = await calls.find({ session_id: 'silent' });
    expect(body.memories.map(({ id }: { id: string }) => id).sort()).toEqual([one, other].sort());
    const page = { limit: 10, cursor: null };
    const { value } = await container.memory().list(body.user_identifier, page, aDeadline());
    expect(value?.items).toHaveLength(2);
  });

  it('who never called is nobody, and nothing is made of asking', async () => {
    const queries = { phone: '+14155550299', name: 'Nobody Ever', session_id: 'never' };
    for (const [key, value] of Object.entries(queries)) {
      const { status, body } = await calls.find({ [key]: value });
      expect(status).toBe(200);
      expect(body).toMatchObject({ success: true, memories: [], count: 0, user_identifier: null });
    }
    expect(await personOf('+14155550299')).toBeUndefined();
  });
});

describe('a caller’s name', () => {
  const service = createTestService();
  const { container } = service;
  const calls = createCalls(container);
  beforeAll(() => container.warmUp(), 60_000);
  afterAll(service.close);
  const keep = (callers: { id: string; name: string }[]) =>
    calls.storeAll(
      callers.map((user) => ({ session_id: `of-${user.id}`, user, query: `I am ${user.id}.`, answer: 'Hi.' })),
    );

  it('finds who has it, however its letters are written', async () => {
    await keep([{ id: 'jose', name: 'José Núñez' }]);
    for (const name of ['José Núñez', 'jose nunez', 'JOSÉ  NUÑEZ', 'Jose\u0301 Nu\u0303n\u0303ez']) {
      const { body } = await calls.find({ name });
      expect(body).toMatchObject({ count: 1, user_identifier: 'José Núñez', memories: [{ query: 'I am jose.' }] });
      expect(body).not.toHaveProperty('matches');
    }
  });

  it('that is only like it says so', async () => {
    const { body } = await calls.find({ name: 'Jose Nuñes' });
    expect(body).toMatchObject({ count: 1, user_identifier: 'José Núñez' });
    expect(body.matches).toMatchObject([{ user_id: 'jose', name: 'José Núñez', count: 1 }]);
    expect(body.matches[0].similarity).toBeLessThan(1);
  });

  it('of punctuation alone is none', async () => {
    await keep([{ id: 'dots', name: '...' }]);
    expect((await calls.find({ name: '...' })).body).toMatchObject({ count: 0, matches: [] });
  });

  it('that two people have gives both, apart', async () => {
    await keep(['smith-1', 'smith-2'].map((id) => ({ id, name: 'Will Smith' })));
    const { body } = await calls.find({ name: 'will smith' });
    expect(body).toMatchObject({ memories: [], count: 0, user_identifier: null });
    const queries = body.matches.map(({ user_id, similarity, memories }: Record<string, unknown[]>) => {
      return [user_id, similarity, memories?.map((memory) => (memory as { query: string }).query)];
    });
    expect(queries).toEqual(['smith-1', 'smith-2'].map((id) => [id, 1, [`I am ${id}.`]]));
  });

  it('is one of 300 that are nearly the same, and each of them stays apart', async () => {
    const pairs = Array.from({ length: 300 }, (_, i) => [i % 15, Math.floor(i / 15)] as const);
    const letters = 'aeioubcdfghklmnprstv';
    const people = pairs.map(([a, b], i) => ({ id: `near-${i}`, name: `Mar${letters[a]}na Delg${letters[b]}do` }));
    expect(new Set(people.map(({ name }) => name)).size).toBe(300);
    for (let i = 0; i < 300; i += 100) await keep(people.slice(i, i + 100));
    for (const { id, name } of people.filter((_, i) => i % 23 === 0)) {
      const { body } = await calls.find({ name: name.toUpperCase() });
      expect(body).toMatchObject({ count: 1, user_identifier: name, memories: [{ query: `I am ${id}.` }] });
    }
    const { body } = await calls.find({ name: 'Marana Delgadoo' });
    expect(body).toMatchObject({ memories: [], count: 0 });
    expect(body.matches).toHaveLength(10);
    for (const { user_id, memories, similarity } of body.matches) {
      expect(memories.map(({ query }: { query: string }) => query)).toEqual([`I am ${user_id}.`]);
      expect(similarity).toBeLessThanOrEqual(body.matches[0].similarity);
    }
  });
});
