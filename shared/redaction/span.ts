/** What is masked, by kind. */
export type Kind = 'apiKey' | 'password' | 'card' | 'iban' | 'email' | 'phone' | 'address';

/** A piece of a text that is to be masked: from `start` up to `end`, in UTF-16 units. */
export interface Span {
  kind: Kind;
  start: number;
  end: number;
}

/** What stands in a piece's place. */
export const masks: Record<Kind, string> = {
  apiKey: '[api key]',
  password: '[password]',
  card: '[card]',
  iban: '[iban]',
  email: '[e-mail]',
  phone: '[phone]',
  address: '[address]',
};

/** The pieces that group `group` of a global pattern with the flag `d` finds. A pattern of these rooms takes no more steps than the text is long. */
export function spansOf(kind: Kind, pattern: RegExp, text: string, group = 0): Span[] {
  const spans: Span[] = [];
  for (const { indices } of text.matchAll(pattern)) {
    const found = indices?.[group];
    if (found) spans.push({ kind, start: found[0], end: found[1] });
  }
  return spans;
}
