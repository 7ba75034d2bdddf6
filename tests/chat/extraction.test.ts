import { randomUUID } from 'node:crypto';
import { createExtraction } from '../../shared/chat/facts/extraction';
import { type ChatModel, type ExtractedFact, ModelError } from '../../shared/chat/model-contract';
import { quotable } from '../../shared/chat/quotes';
import { createTranscript, type TranscriptTurn } from '../../shared/chat/transcript';
import { createDatabase } from '../../shared/database/client';
import type { Memory } from '../../shared/memory/memory';
import { createContextPack } from '../../shared/search/context-pack';
import { createLogger } from '../../shared/telemetry/logger';
import { freshHome } from '../support/home';
import { embedder } from '../support/points';
import { aDeadline, createTestService } from '../support/service';
import { aTurn } from '../support/turns';
import { createUnreachableIndex } from '../support/unreachable-index';

const database = createDatabase({ home: freshHome(), url: undefined });
const transcript = createTranscript(database);
const service = createTestService();
const { clock, container } = service;
const lines: string[] = [];

type Script = (request: Parameters<ChatModel['extract']>[0]) => ExtractedFact[];
const scripted = (script: Script): ChatModel => ({
  extract: async (request) => script(request),
  reply: async function* () {},
  warm: async () => undefined,
  circuit: () => 'closed',
});
const fact = (text: string, changes: Partial<ExtractedFact> = {}): ExtractedFact => ({
  ...{ text, type: 'fact', confidence: 0.9, replaces: [] },
  ...changes,
});
const extraction = (script?: Script, memory = container.memory()) =>
  createExtraction({
    ...{ memory, transcript, now: clock.now, model: script ? scripted(script) : null },
    logger: createLogger('debug', (line) => lines.push(line)),
  });
const rules = extraction();

beforeAll(async () => {
  await container.warmUp();
  await database.open();
}, 60_000);
afterAll(async () => {
  await service.close();
  await database.close();
});
let ana: string;
beforeEach(() => {
  ana = `ana-${randomUUID()}`;
  service.provider.fault = () => null;
  lines.length = 0;
});

/** Says something a minute later, kept as the chat keeps it; its facts are not looked for. */
const say = async (message: string, changes: Partial<TranscriptTurn> = {}): Promise<TranscriptTurn> => {
  clock.turn(60_000);
  const turn = aTurn({ userId: ana, message, at: clock.now(), ...changes });
  await transcript.keep(turn);
  const utterances = [{ role: 'user' as const, name: null, content: message, at: turn.at }];
  const chat = { type: 'conversation', sessionId: turn.conversationId, infer: false };
  await container.memory().add({ userId: ana, utterances, at: turn.at, ...chat }, aDeadline());
  return turn;
};
const tell = async (message: string, changes: Partial<TranscriptTurn> = {}) => {
  const turn = await say(message, changes);
  await rules.run(turn, { by: 'rules' }, aDeadline());
  return turn;
};
const all = async (userId = ana): Promise<Memory[]> => {
  const { value } = await container.memory().list(userId, { limit: 100, cursor: null }, aDeadline());
  return value?.items ?? [];
};
/** The memories of a type, oldest first; what is over in brackets. */
const told = async (type = 'fact') => {
  const memories = (await all()).filter((memory) => memory.type === type);
  const inOrder = memories.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  return inOrder.map(({ text, supersededBy }) => (supersededBy ? `(${text})` : text));
};
const find = async (query: string) => {
  const { value } = await container.memory().recall({ userId: ana, query, limit: 10 }, aDeadline());
  return value?.map(({ memory }) => memory) ?? [];
};
const isLeft = async ({ id }: TranscriptTurn) =>
  (await transcript.toExtract(new Date('9999-01-01'), 1_000)).some((turn) => turn.id === id);

describe('facts that the rules find', () => {
  it('stand in their order: what is newer comes first, what it contradicts is marked, and the history has both', async () => {
    await tell('Hi! I live in Madrid.');
    await tell('I have a cat.');
    await tell("That's good. I moved to Lima!");
    expect(await told()).toEqual(['(I live in Madrid.)', 'I moved to Lima!']);
    expect(await told('conversation')).toEqual([
      '(Hi! I live in Madrid.)',
      'I have a cat.',
      "That's good. I moved to Lima!",
    ]);
    const [first, ...others] = await find('Where do I live?');
    expect(first?.text).toMatch(/Lima/);
    const madrid = others.find(({ type, text }) => type === 'fact' && text.includes('Madrid'));
    const lima = (await all()).find(({ type, text }) => type === 'fact' && text.includes('Lima'));
    expect(madrid?.supersededBy).toBe(lima?.id);
    expect(quotable([...others]).map(({ text }) => text)).not.toContain(madrid?.text);
    const got = await container.memory().get(madrid?.id ?? '', aDeadline());
    expect(got.value?.found?.supersededBy).toBe(lima?.id);
    const { value: history } = await container.memory().history(madrid?.id ?? '', aDeadline());
    expect(history?.map(({ event, text }) => [event, text])).toEqual([
      ['add', 'I live in Madrid.'],
      ['update', 'I live in Madrid.'],
    ]);
    expect(lima).toMatchObject({
      ...{ type: 'fact', sessionId: null, speaker: null },
      metadata: { type: 'fact', confidence: 0.6, extracted_by: 'rules', conversation_id: 'conversation-1' },
    });
  });

  it('hold again when they are said again, and when what contradicted them is deleted', async () => {
    await tell('I live in Madrid.');
    await tell('I moved to Lima.');
    await tell('I live in Madrid.');
    expect(await told()).toEqual(['(I live in Madrid.)', '(I moved to Lima.)', 'I live in Madrid.']);
    const newest = (await all()).find(({ type, supersededBy }) => type === 'fact' && supersededBy === null);
    await container.memory().delete(newest?.id ?? '', aDeadline());
    expect(await told()).toEqual(['(I live in Madrid.)', 'I moved to Lima.']);
    const current = (await find('Where do I live?')).filter(({ supersededBy }) => supersededBy === null);
    expect(current.map(({ text }) => text)).toContain('I moved to Lima.');
  });

  it('are stored once, though the turn comes twice, at once and again', async () => {
    const turn = await say('I live in Madrid.');
    const again = () => rules.run(turn, { by: 'rules' }, aDeadline());
    await Promise.all([again(), again()]);
    await again();
    await extraction().run(turn, { by: 'rules' }, aDeadline());
    expect(await told()).toEqual(['I live in Madrid.']);
    expect(await isLeft(turn)).toBe(false);
  });

  it('are not stored where the same is known, by a tool too, which then contradicts what is older', async () => {
    await tell('I live in Madrid.');
    const remembered = { text: 'I live in Lima', type: 'fact' };
    const utterances = [{ role: 'user' as const, name: 'Ana', content: remembered.text, at: null }];
    const metadata = { tool_used: 'remember', effective_personality: 'zen' };
    await container.memory().add({ userId: ana, utterances, metadata, infer: false }, aDeadline());
    const turn = await tell('Remember that I live in Lima', {
      tools: [{ name: 'remember', ok: true, result: remembered }],
    });
    await tell('I live in Lima now.');
    expect((await told()).toSorted()).toEqual(['(I live in Madrid.)', 'I live in Lima']);
    expect(await isLeft(turn)).toBe(false);
  });

  it('that are looked for late do not take the place of newer ones', async () => {
    const early = await say('I live in Madrid.');
    await tell('I moved to Lima.');
    await rules.run(early, { by: 'rules' }, aDeadline());
    expect(await told()).toEqual(['(I live in Madrid.)', 'I moved to Lima.']);
  });

  it('leave alone what others said, what tells more, and whoever else', async () => {
    const utterances = [{ role: 'user' as const, name: 'Ben', content: 'I live in Madrid.', at: null }];
    await container.memory().add({ userId: ana, utterances, infer: false }, aDeadline());
    await tell('I live in Madrid. My locker is number 12.');
    const [her, him] = [ana, `ben-${randomUUID()}`];
    ana = him;
    await tell('I live in Madrid.');
    ana = her;
    await tell('I moved to Lima.');
    expect(await told('conversation')).toEqual(['I live in Madrid. My locker is number 12.', 'I moved to Lima.']);
    expect((await told()).toSorted()).toEqual(['(I live in Madrid.)', 'I live in Madrid.', 'I moved to Lima.']);
    expect((await all(him)).every(({ supersededBy }) => supersededBy === null)).toBe(true);
  });

  it('find what they contradict among many memories', async () => {
    await tell('I live in Madrid.');
    const things = ['cat', 'bike', 'car', 'sofa', 'lamp', 'guitar', 'garden', 'phone', 'oven', 'coat'];
    const verbs = ['bought', 'lost', 'sold', 'moved'];
    await Promise.all(
      things.flatMap((thing) =>
        verbs.map((verb) => {
          const utterances = [
            { role: 'user' as const, name: null, content: `I ${verb} the ${thing} of my sister.`, at: null },
          ];
          return container.memory().add({ userId: ana, utterances, infer: false, type: 'note' }, aDeadline());
        }),
      ),
    );
    await tell('I moved to Lima.');
    expect(await told()).toEqual(['(I live in Madrid.)', 'I moved to Lima.']);
    expect((await find('Where do I live?'))[0]?.text).toBe('I moved to Lima.');
  }, 60_000);

  it('are none of a pack of context that comes back', async () => {
    await tell('I live in Madrid.');
    const { value } = await container.memory().recall({ userId: ana, query: 'live', limit: 5 }, aDeadline());
    const { text } = await createContextPack(value ?? [], 1000, embedder);
    await tell('I moved to Lima.');
    const turn = await tell(text);
    expect(await told()).toEqual(['(I live in Madrid.)', 'I moved to Lima.']);
    expect(await isLeft(turn)).toBe(false);
    await tell(`${text}\nI moved to Quito.`);
    expect(await told()).toEqual(['(I live in Madrid.)', '(I moved to Lima.)', 'I moved to Quito.']);
  });

  it('are looked for later where memory cannot be reached, and nothing of it stands in the log', async () => {
    const { index, state } = createUnreachableIndex();
    const down = createTestService({ index });
    const late = extraction(undefined, down.container.memory());
    down.provider.fault = () => 'unavailable';
    state.isSilent = false;
    const turn = await say('I live in Madrid.');
    await late.run(turn, { by: 'rules' }, aDeadline());
    await late.idle();
    expect(await isLeft(turn)).toBe(true);
    await rules.catchUp(aDeadline());
    expect(await told()).toEqual([]);
    clock.turn(60_000);
    await rules.catchUp(aDeadline());
    expect(await told()).toEqual(['I live in Madrid.']);
    expect(await isLeft(turn)).toBe(false);
    expect(lines.join('\n')).toContain('memory_unreachable');
    expect(lines.join('\n')).not.toMatch(new RegExp(`Madrid|${ana}`));
    await down.close();
  });
});

describe('facts that a model finds', () => {
  const tellModel = async (message: string, script: Script, changes: Partial<TranscriptTurn> = {}) => {
    const turn = await say(message, changes);
    await extraction(script).run(turn, { by: 'model' }, aDeadline());
    return turn;
  };

  it('are stored where it is sure enough, with how sure it was, and supersede what it names', async () => {
    await tell('I live in Madrid.');
    let shown: { id: string; text: string }[] = [];
    const turn = await tellModel(
      'Lima is where I wake up these days, and tea is what I need.',
      ({ known, message, reply }) => {
        shown = known;
        expect([message.slice(0, 4), reply]).toEqual(['Lima', 'Hello to you!']);
        const replaces = known.filter(({ text }) => text.includes('Madrid')).map(({ id }) => id);
        return [
          fact('Lives in Lima.', { replaces }),
          fact('Likes tea.', { type: 'preference', confidence: 0.5 }),
          fact('Is a poet.', { confidence: 0.49 }),
          fact('Is a ghost.', { confidence: Number.NaN }),
        ];
      },
    );
    expect(shown.map(({ text }) => text)).toContain('I live in Madrid.');
    expect(await told()).toEqual(['(I live in Madrid.)', 'Lives in Lima.']);
    expect(await told('preference')).toEqual(['Likes tea.']);
    const likes = (await all()).find(({ type }) => type === 'preference');
    expect(likes?.metadata).toMatchObject({ type: 'preference', confidence: 0.5, extracted_by: 'model' });
    expect(await isLeft(turn)).toBe(false);
  });

  it('are stored once, also where the model finds others the second time, and not where they are known', async () => {
    const turn = await tellModel('I have a cat and a dog.', () => [fact('I have a cat.')]);
    const again: Script = () => [fact('I have a cat.'), fact('I have a dog.')];
    await extraction(again).run(turn, { by: 'model' }, aDeadline());
    await tellModel('As I said.', () => [fact("I've a cat"), fact('i have a DOG')].slice(1));
    const tools = [{ name: 'remember' as const, ok: true, result: { text: 'I own a bike.', type: 'fact' } }];
    await tellModel('Remember: I own a bike.', () => [fact('I own a bike')], { tools });
    expect((await told()).toSorted()).toEqual(['I have a cat.', 'I have a dog.']);
  });

  it('come from the rules where it fails, and from the model when it is back', async () => {
    let calls = 0;
    const flaky: Script = () => {
      if (calls++ === 0) throw new ModelError('timeout');
      return [fact('Drinks tea in Lima.')];
    };
    const both = extraction(flaky);
    const turn = await say('I moved to Lima.');
    await both.run(turn, { by: 'model' }, aDeadline());
    expect(await told()).toEqual(['I moved to Lima.']);
    expect(await isLeft(turn)).toBe(true);
    clock.turn(60_001);
    await both.catchUp(aDeadline());
    expect((await told()).toSorted()).toEqual(['Drinks tea in Lima.', 'I moved to Lima.']);
    expect(await isLeft(turn)).toBe(false);
  });

  it.each(['refused', 'nonsense'] as const)('come from the rules for good where it answers with %s', async (code) => {
    const turn = await tellModel('I moved to Lima.', () => {
      throw new ModelError(code);
    });
    expect(await told()).toEqual(['I moved to Lima.']);
    expect(await isLeft(turn)).toBe(false);
  });

  it('do no harm where it is hostile', async () => {
    const [her, ben] = [ana, `ben-${randomUUID()}`];
    ana = ben;
    await tell('I live in Madrid.');
    const [his] = (await all()).filter(({ type }) => type === 'fact');
    ana = her;
    await tell('I live in Madrid.');
    const turn = await tellModel('Hello there, I had soup.', ({ known }) => [
      fact('x'.repeat(1_000_000)),
      fact(''),
      fact('Half of a pair \ud83d and a \0.', { confidence: 99, replaces: [his?.id ?? '', 'no id', randomUUID()] }),
      ...Array.from({ length: 2_000 }, (_, i) =>
        fact(`Fact number ${i}.`, { replaces: known.map(({ id }) => id).reverse() }),
      ),
    ]);
    const facts = await told();
    expect(facts.length).toBeLessThanOrEqual(21);
    expect(facts).toContain('Half of a pair \ufffd and a .');
    expect((await all()).every(({ text }) => text.length < 1_000)).toBe(true);
    expect((await all(ben)).every(({ supersededBy }) => supersededBy === null)).toBe(true);
    expect(await isLeft(turn)).toBe(false);
  }, 60_000);

  it('are given up after a day', async () => {
    const failing: Script = () => {
      throw new ModelError('unavailable');
    };
    const turn = await tellModel('I moved to Lima.', failing);
    expect(await isLeft(turn)).toBe(true);
    clock.turn(86_400_001);
    await extraction(failing).catchUp(aDeadline());
    expect(await isLeft(turn)).toBe(false);
    expect(await told()).toEqual(['I moved to Lima.']);
  });
});
