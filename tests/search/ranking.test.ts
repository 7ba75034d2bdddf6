import { textCues } from '../../shared/search/cues';
import { type Candidate, rank, rankingWeights, toRankingQuery } from '../../shared/search/ranking';

const now = Date.parse('2026-03-01T12:00:00Z');

interface Changes extends Partial<Omit<Candidate, 'facts' | 'place'>> {
  text?: string;
  session?: string | null;
  order?: number;
  speaker?: string;
  supersededBy?: string;
  topic?: string;
  ageDays?: number;
}

const candidate = ({ text = 'plain', session = null, order = 0, ageDays = 0, ...rest }: Changes = {}) => ({
  text,
  lexical: rest.lexical ?? 0,
  late: rest.late ?? 0,
  sentence: rest.sentence ?? 0,
  place: { session, order },
  facts: {
    speaker: rest.speaker ?? null,
    supersededBy: rest.supersededBy ?? null,
    topic: rest.topic ?? null,
    isCurrent: false,
    createdAt: now - ageDays * 86_400_000,
    ...textCues(text),
  },
});

const query = (text = 'what about it', topic: string | null = null) => toRankingQuery(text, topic, now);
const textsOf = (candidates: ReturnType<typeof candidate>[], asked = query(), limit = 10) =>
  rank(candidates, asked, limit).map((scored) => scored.candidate.text);

/** A random number from 0 to 1 that is the same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const anyCandidates = (random: () => number) =>
  Array.from({ length: 1 + Math.floor(random() * 40) }, (_, i) =>
    candidate({
      text: random() < 0.3 ? `what, ${i}?` : `two days ago ${i}`,
      lexical: random() < 0.5 ? 0 : random() * 20,
      late: random() * 2 - 1,
      sentence: random() * 2 - 1,
      session: random() < 0.3 ? null : `s${Math.floor(random() * 3)}`,
      order: i,
      speaker: random() < 0.5 ? 'Ana' : 'Ben',
      ...(random() < 0.1 && { supersededBy: 'newer' }),
      topic: random() < 0.5 ? 'work' : undefined,
      ageDays: random() * 1000,
    }),
  );

describe('rank', () => {
  it('puts the memory with the words and the meaning of the query first', () => {
    const ranked = textsOf([
      candidate({ text: 'neither' }),
      candidate({ text: 'both', lexical: 9, late: 0.8 }),
      candidate({ text: 'meaning', late: 0.8 }),
      candidate({ text: 'words', lexical: 9 }),
    ]);
    expect(ranked).toEqual(['both', 'meaning', 'words', 'neither']);
  });

  it('gives parts that sum to the score, best first, at most as many as asked for, whatever the memories', () => {
    const random = randomFrom(7);
    for (let round = 0; round < 200; round++) {
      const candidates = anyCandidates(random);
      const limit = Math.floor(random() * 50);
      const ranked = rank(candidates, query('when did Ana, how many', 'work'), limit);
      expect(ranked).toHaveLength(Math.min(limit, candidates.length));
      for (const [i, { score, breakdown }] of ranked.entries()) {
        const sum = Object.values(breakdown).reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(score, 10);
        expect(score).toBeLessThanOrEqual(ranked[i - 1]?.score ?? Number.POSITIVE_INFINITY);
      }
    }
  });

  it('does not depend on the order in which the memories come', () => {
    const random = randomFrom(11);
    for (let round = 0; round < 50; round++) {
      const candidates = anyCandidates(random);
      const scores = (list: typeof candidates) =>
        rank(list, query('when did Ana', 'work'), 100).map(({ score }) => score.toFixed(9));
      expect(scores([...candidates].reverse())).toEqual(scores(candidates));
    }
  });

  it('gives [] for no memories, and a score that is a number for one', () => {
    expect(rank([], query(), 10)).toEqual([]);
    expect(rank([candidate({ late: 0.4 })], query(), 10)[0]?.score).toEqual(expect.any(Number));
    expect(rank([candidate({ late: 0.4 })], query(), 10)[0]?.score).not.toBeNaN();
  });

  it('lifts a turn that stands beside a match above one that does not', () => {
    const turns = [0, 1, 2, 3, 4, 5, 6].map((order) =>
      candidate({ text: `turn ${order}`, session: 's', order, late: order === 1 ? 1 : 0 }),
    );
    expect(textsOf(turns, query(), 4)).toEqual(['turn 1', 'turn 3', 'turn 0', 'turn 2']);
  });

  it('does not take the last turn of one conversation for the neighbour of the first of the next', () => {
    const [, beside] = rank(
      [
        candidate({ session: 'a', order: 0, late: 1 }),
        candidate({ session: 'b', order: 1 }),
        candidate({ session: 'c', order: 9 }),
      ],
      query(),
      3,
    );
    expect(beside?.breakdown).not.toHaveProperty('next');
  });

  it('lifts the conversation that is about the query', () => {
    const turn = (session: string, order: number, late: number) => candidate({ text: session, session, order, late });
    const ranked = textsOf([turn('off', 0, 0.5), turn('off', 9, 0), turn('on', 0, 0.5), turn('on', 9, 1)]);
    expect(ranked.slice(0, 2)).toEqual(['on', 'on']);
  });

  it('does not put a memory without conversation behind turns that match no better', () => {
    const ranked = rank(
      [
        candidate({ text: 'turn', session: 's', order: 0, late: 0.8 }),
        candidate({ text: 'turn', session: 's', order: 9, late: 0.8 }),
        candidate({ text: 'alone', late: 0.8 }),
        candidate({ text: 'off', late: 0 }),
      ],
      query(),
      4,
    );
    const alone = ranked.find((scored) => scored.candidate.text === 'alone');
    expect(alone?.score).toBeCloseTo(ranked[0]?.score ?? 0, 10);
  });

  it('counts who is named, in either language and whatever the case', () => {
    const memories = [
      candidate({ text: 'from Ben', speaker: 'Ben', late: 0.2 }),
      candidate({ text: 'from Ana', speaker: 'Ana María', late: 0 }),
      candidate({ late: 1 }),
    ];
    const breakdowns = (text: string) =>
      rank(memories, query(text), 3).flatMap(({ candidate: { text: said }, breakdown }) =>
        breakdown.speaker ? [said] : [],
      );
    expect(breakdowns("what is ANA's favourite food?")).toEqual(['from Ana']);
    expect(breakdowns('¿qué le gusta a maria?')).toEqual(['from Ana']);
    expect(breakdowns('what do Ana and Ben share?').sort()).toEqual(['from Ana', 'from Ben']);
    expect(breakdowns('what do they share?')).toEqual([]);
  });

  it.each([
    ['when did she move?', 'I moved two weeks ago', 'time'],
    ['¿cuándo se mudó?', 'Me mudé en marzo', 'time'],
    ['how many dogs are there?', 'three dogs', 'number'],
    ['¿cuántos perros hay?', 'tres perros', 'number'],
  ] as const)('%s favours "%s"', (asked, text, part) => {
    const [first] = rank([candidate({ text: 'plain' }), candidate({ text })], query(asked), 1);
    expect(first?.candidate.text).toBe(text);
    expect(first?.breakdown[part]).toBe(rankingWeights[part]);
  });

  it('favours what was said on the date that is named', () => {
    const memories = [candidate({ text: 'now' }), candidate({ text: 'in January', ageDays: 40 })];
    expect(textsOf(memories, query('what about January?'))).toEqual(['in January', 'now']);
    expect(textsOf(memories, query('what about it?'))).toEqual(['now', 'in January']);
  });

  it('puts a question below the same words told', () => {
    expect(textsOf([candidate({ text: 'a dog?', late: 1 }), candidate({ text: 'a dog', late: 1 })])).toEqual([
      'a dog',
      'a dog?',
    ]);
  });

  it('puts a superseded fact below the current one, though it matches better', () => {
    const old = candidate({ text: 'Lisbon', lexical: 9, late: 0.9, sentence: 0.9, supersededBy: 'newer' });
    expect(textsOf([old, candidate({ text: 'Porto', lexical: 2, late: 0.5, sentence: 0.4 })])).toEqual([
      'Porto',
      'Lisbon',
    ]);
  });

  it('settles ties by topic, then by age, and never more than ties', () => {
    const memories = [
      candidate({ text: 'old', ageDays: 400 }),
      candidate({ text: 'new' }),
      candidate({ text: 'topic', topic: 'work', ageDays: 30 }),
      candidate({ text: 'match', ageDays: 400, late: 0.2 }),
      candidate({ text: 'best', ageDays: 400, late: 1 }),
    ];
    expect(textsOf(memories, query('what about it', 'work'))).toEqual(['best', 'match', 'topic', 'new', 'old']);
  });
});
