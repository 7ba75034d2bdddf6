import type { Intent } from './intent';
import { onTopic } from './quotes';
import { act } from './tell';
import type { Turn } from './turn';

/** The part of the coach that puts right and forgets what it keeps of somebody. Each returns what there is to say, in order. */

type Of<Kind extends Intent['kind']> = Extract<Intent, { kind: Kind }>;

/** Keeps what is right in the person's own words, and takes back what it told in the turn before: that on the same, or all there was. */
export async function correct({ words }: Of<'correction'>, turn: Turn): Promise<string[]> {
  const { say, known, previous, quote, terms } = turn;
  if (words === null) return [say.whatIsRight];
  const told = (known.recalled ?? []).filter(({ id }) => previous?.told.includes(id));
  const [wrong] = told.length === 1 ? told : onTopic(words, told, terms);
  const { result, said } = await act('remember', { text: words, type: 'fact' }, turn);
  return result ? [say.corrected(words, wrong ? quote(wrong) : null)] : said;
}

export async function forget({ what, about }: Of<'forget'>, turn: Turn): Promise<string[]> {
  return (await act('forget_memory', about === undefined ? { what } : { about }, turn)).said;
}

/** What was asked before is done, or left. */
export async function settle(answer: 'yes' | 'no', turn: Turn): Promise<string[]> {
  return answer === 'yes' ? (await act('forget_memory', { confirm: true }, turn)).said : [turn.say.kept];
}
