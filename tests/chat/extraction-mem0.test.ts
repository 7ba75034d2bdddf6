import { randomUUID } from 'node:crypto';
import { createExtraction } from '../../shared/chat/facts/extraction';
import { createTranscript } from '../../shared/chat/transcript';
import { createContainer } from '../../shared/container';
import { createDatabase } from '../../shared/database/client';
import { createLogger } from '../../shared/telemetry/logger';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { aDeadline } from '../support/service';
import { aTurn } from '../support/turns';

describe('contradictions at Mem0, which names a memory only when it has made it', () => {
  const clock = createTestClock();
  const database = createDatabase({ home: freshHome(), url: undefined });
  const transcript = createTranscript(database);
  let mem0: Mem0Server;
  let extract: Mem0Server['store']['extract'];
  let container: ReturnType<typeof createContainer>;
  let ana: string;

  beforeAll(async () => {
    mem0 = await createMem0Server({ now: clock.now });
    extract = mem0.store.extract;
    const env = {
      KEEPSAKE_HOME: freshHome(),
      MEM0_API_KEY: mem0.apiKey,
      MEM0_BASE_URL: mem0.url,
      MEM0_MAX_RETRIES: '0',
    };
    container = createContainer({ env: { ...env, LOG_LEVEL: 'silent' }, now: clock.now });
    await container.warmUp();
  }, 60_000);
  afterAll(async () => {
    await container.close();
    await database.close();
    await mem0.close();
  });
  beforeEach(() => {
    ana = `ana-${randomUUID()}`;
    mem0.fault = () => null;
    Object.assign(mem0.store, { laterMs: 0, extract });
  });

  const tell = async (message: string) => {
    clock.turn(60_000);
    const turn = aTurn({ userId: ana, message, at: clock.now() });
    await transcript.keep(turn);
    const memory = container.memory();
    const extraction = createExtraction({
      memory,
      transcript,
      model: null,
      logger: createLogger('silent'),
      now: clock.now,
    });
    await extraction.run(turn, { by: 'rules' }, aDeadline());
    expect(await transcript.toExtract(clock.now(), 10)).toEqual([]);
  };
  const tick = () => {
    clock.turn(60_000);
    return container.sync({});
  };
  const rows = () => mem0.store.rows.filter(({ user_id }) => user_id === ana);
  const rowOf = (text: string) => rows().find(({ memory }) => memory === text);
  /** As search finds them, best first. */
  const found = async () => {
    const { value } = await container
      .memory()
      .recall({ userId: ana, query: 'Where do I live?', limit: 5 }, aDeadline());
    return value?.map(({ memory }) => memory) ?? [];
  };
  const expectLimaAtLast = async () => {
    const lima = rowOf('I moved to Lima.');
    expect(rowOf('I live in Madrid.')?.metadata).toMatchObject({ keepsake: { supersededBy: lima?.id } });
    expect((await found()).map(({ id, text, supersededBy }) => [id, text, supersededBy])).toEqual([
      [lima?.id, 'I moved to Lima.', null],
      [rowOf('I live in Madrid.')?.id, 'I live in Madrid.', lima?.id],
    ]);
  };

  it('end with the id of the newer memory, though that was not known yet', async () => {
    await tell('I live in Madrid.');
    await tick();
    mem0.store.laterMs = 90_000;
    await tell('I moved to Lima.');
    expect((await found()).map(({ text, supersededBy }) => [text, supersededBy === null])).toEqual([
      ['I moved to Lima.', true],
      ['I live in Madrid.', false],
    ]);
    await tick();
    expect(rowOf('I moved to Lima.')).toBeUndefined();
    await tick();
    await tick();
    await expectLimaAtLast();
  });

  it('are not lost while Mem0 is down', async () => {
    await tell('I live in Madrid.');
    await tick();
    mem0.fault = () => ({ kind: 'status', status: 503 });
    await tell('I moved to Lima.');
    expect((await found())[0]?.text).toBe('I moved to Lima.');
    await tick();
    mem0.fault = () => null;
    for (let ticks = 0; ticks < 12; ticks++) await tick();
    await expectLimaAtLast();
    expect(rows()).toHaveLength(2);
  });

  it('are none where Mem0 keeps nothing of what was said, or gives it up for good', async () => {
    await tell('I live in Madrid.');
    await tick();
    mem0.store.extract = () => [];
    await tell('I moved to Lima.');
    for (let ticks = 0; ticks < 3; ticks++) await tick();
    expect((await found()).map(({ text, supersededBy }) => [text, supersededBy])).toEqual([
      ['I live in Madrid.', null],
    ]);
  });

  it('are none where Mem0 changes the older memory itself', async () => {
    await tell('I live in Madrid.');
    await tick();
    mem0.store.extract = () => {
      const row = rowOf('I live in Madrid.');
      if (!row) throw new Error('Mem0 has no such memory.');
      mem0.store.change(row, { memory: 'Lives in Lima.' });
      return [{ id: row.id, data: { memory: 'Lives in Lima.' }, event: 'UPDATE' }];
    };
    await tell('I moved to Lima.');
    for (let ticks = 0; ticks < 3; ticks++) await tick();
    expect((await found()).map(({ text, supersededBy }) => [text, supersededBy])).toEqual([['Lives in Lima.', null]]);
  });
});
