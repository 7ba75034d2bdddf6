import { toContent } from '../../shared/conversations/conversations-contract';
import { toExchangeId } from '../../shared/conversations/exchange-id';
import { toPairs } from '../../shared/conversations/pairs';

const user = (content: string, at?: Date) => ({ role: 'user' as const, content, at });
const agent = (content: string, at?: Date) => ({ role: 'assistant' as const, content, at });

describe('the turns of a call', () => {
  it('are a question and its answer each, turns in a row taken together', () => {
    const said = [agent('Hello?'), user('Hi.'), user('Two rooms?'), agent('Yes.'), agent('Sunny.'), user('Bye.')];
    expect(toPairs(said).map(toContent)).toEqual([
      'Agent: Hello?',
      'User: Hi.\nTwo rooms?\nAgent: Yes.\nSunny.',
      'User: Bye.',
    ]);
  });

  it('are of the time of what began them, else of the turn before', () => {
    const [first, second] = [new Date('2026-03-01T09:00:00Z'), new Date('2026-03-01T09:01:00Z')];
    const said = [user('a'), agent('b', first), user('c'), agent('d', second), user('e')];
    expect(toPairs(said).map(({ at }) => at)).toEqual([null, first, second]);
  });
});

describe('the id of an exchange', () => {
  const at = new Date('2026-11-21T22:46:20.123Z');

  it('tells its moment', () => {
    expect(toExchangeId(at, 7)).toMatch(/^mem_20261121_224620_123007_[\da-f]{12}$/);
  });

  it('sorts by moment, then by position, and is never given twice', () => {
    const ids = [0, 1, 2].flatMap((later) =>
      [0, 1, 9, 10, 999].map((position) => toExchangeId(new Date(at.getTime() + later * 977), position)),
    );
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 10_000 }, () => toExchangeId(at, 5_000))).size).toBe(10_000);
  });
});
