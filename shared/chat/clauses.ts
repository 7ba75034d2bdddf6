import { cut } from './cut';
/** A piece of a message together with its folded form; both have the same length, so a place in one is a place in the other. */
export interface Clause {
  text: string;
  folded: string;
}

/** Rules look at so much of a message, which bounds their time. All of it is stored all the same. */
const maxSentences = 100;
const maxSentenceLength = 300;

/** One character without its accent and in lower case, where that is one character too. */
function foldCharacter(character: string): string {
  if (character === '’' || character === 'ʼ') return "'";
  const [base = character] = character.normalize('NFD').toLowerCase();
  return base.length === 1 ? base : character;
}

export const toClause = (text: string): Clause => ({
  text,
  folded: Array.from({ length: text.length }, (_, i) => foldCharacter(text.charAt(i))).join(''),
});

/** The part of a clause between two places, without the spaces around it. */
export function slice({ text }: Clause, start: number, end?: number): Clause {
  return toClause(text.slice(start, end).trim());
}

/** The first hundred sentences of a message, each cut at 300 characters. */
export function splitSentences(message: string): Clause[] {
  return message
    .normalize('NFC')
    .split('\n')
    .flatMap((line) => line.replace(/\s+/g, ' ').split(/(?<=[.!?;…]) /))
    .map((sentence) => toClause(cut(sentence.trim(), maxSentenceLength)))
    .filter(({ text }) => text !== '')
    .slice(0, maxSentences);
}

const starters =
  "i|i'm|i've|i'd|i'll|my|we|let's|please|mood|energy|just|did|remember|mornings?|evenings?|what|when|yo|mi|mis|me|quiero|hoy|ya|prefiero|quisiera|soy|hice|que|animo|energia";
const seam = new RegExp(
  `(?:, ?(?:and |but |so |then |also |y |pero )?| (?:and|but|so|because|although|y|pero|porque|aunque) (?:then |also |luego |tambien )?)(?=¿?(?:${starters})\\b)`,
  'g',
);

/** A sentence cut where a new subject begins: "I am Ana | and I want to run". */
export function splitClauses(sentence: Clause): Clause[] {
  const clauses: Clause[] = [];
  let start = 0;
  for (const match of sentence.folded.matchAll(seam)) {
    clauses.push(slice(sentence, start, match.index));
    start = match.index + match[0].length;
  }
  clauses.push(slice(sentence, start));
  return clauses.filter(({ text }) => text !== '');
}
