import { findAddresses } from './addresses';
import { findCards } from './cards';
import { findEmails } from './emails';
import { findIbans } from './ibans';
import { findKeys } from './keys';
import { findPasswords } from './passwords';
import { findPhones } from './phones';
import { toPlain } from './plain';
import { type Kind, masks, type Span } from './span';

/** `secrets`: card numbers, IBANs, keys, passwords. `pii`: e-mail addresses, phone numbers and street addresses, too. */
export type Level = 'secrets' | 'pii' | 'off';

/** How many pieces were masked, by kind; a kind of which there was none is absent. */
export type Counts = Partial<Record<Kind, number>>;

/** Where two overlap, the earlier one names both. */
const secrets = [findKeys, findPasswords, findCards, findIbans];
const finders = { secrets, pii: [...secrets, findEmails, findPhones, findAddresses] };

/** What is left beside a mask may be a find of its own. */
const passes = 4;

/** Shorter ones hold no secret. */
const shortest = 7;

/**
 * A text with its secrets masked, `[card]` and so on in their place. Masking again changes nothing. Takes time in proportion to the
 * text's length, whatever stands in it. Never throws.
 */
export function redact(text: string, level: Level): { text: string; counts: Counts } {
  const counts: Counts = {};
  if (level === 'off' || text.length < shortest) return { text, counts };
  for (let pass = 0; pass < passes; pass++) {
    const spans = findSpans(text, level);
    if (spans.length === 0) break;
    for (const { kind } of spans) counts[kind] = (counts[kind] ?? 0) + 1;
    text = mask(text, spans);
  }
  return { text, counts };
}

/** In their order, none overlapping another. */
function findSpans(text: string, level: 'secrets' | 'pii'): Span[] {
  const plain = toPlain(text);
  const found = finders[level].flatMap((find, rank) => find(plain).map((span) => ({ ...span, rank })));
  const spans: (Span & { rank: number })[] = [];
  for (const span of found.sort((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (!last || span.start >= last.end) spans.push(span);
    else {
      last.end = Math.max(last.end, span.end);
      if (span.rank < last.rank) [last.kind, last.rank] = [span.kind, span.rank];
    }
  }
  return spans;
}

function mask(text: string, spans: Span[]): string {
  let [masked, from] = ['', 0];
  for (const { kind, start, end } of spans) {
    masked += text.slice(from, start) + masks[kind];
    from = end;
  }
  return masked + text.slice(from);
}
