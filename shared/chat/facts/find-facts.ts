import { z } from 'zod';
import { isSameStatement } from '../../memory/guard';
import type { Memory } from '../../memory/memory';
import type { MemoryService } from '../../memory/memory-contract';
import type { Deadline } from '../../resilience/deadline';
import { withoutContextPack } from '../../search/context-pack';
import { cut } from '../cut';
import type { ChatModel } from '../model-contract';
import type { TranscriptTurn } from '../transcript';
import { type Claim, claimsIn, contradicts, isOneStatement, isOutdated, isSameClaim } from './claims';
import type { Fact } from './keep-fact';

/** Nobody could be asked what is known already: facts are looked for when somebody can. */
export class MemoryUnreachableError extends Error {
  override readonly name = 'MemoryUnreachableError';
}

export type FindFacts = (turn: TranscriptTurn, deadline: Deadline) => Promise<Fact[]>;

const maxQuery = 1000;
const maxRecalled = 40;
const maxShown = 20;
/** What a model may take from one message; it is asked for a handful. */
const maxFacts = 20;
const maxReplaced = 5;
const maxFactLength = 1000;
const leastConfidence = 0.5;
const rulesConfidence = 0.6;

/** Kept by tools, which change them themselves. */
const ofTools = new Set(['goal', 'check_in', 'tool_usage']);
const isKept = ({ type }: Memory) => type !== 'conversation';

/** What the person said and nothing that was put beside it. */
export const ownWords = ({ message }: TranscriptTurn): string => withoutContextPack(message);

/** Current memories that might say the same as a text, or the opposite. Throws `MemoryUnreachableError` where that cannot be told. */
async function recallAround(
  memory: Pick<MemoryService, 'recall'>,
  userId: string,
  text: string,
  deadline: Deadline,
): Promise<Memory[]> {
  const request = { userId, query: cut(text, maxQuery), limit: maxRecalled };
  const { value, memory: state } = await memory.recall({ ...request, filter: { supersededBy: null } }, deadline);
  // What waits in the outbox is not all that is known.
  if (!value || state.source === 'outbox') throw new MemoryUnreachableError();
  return value.map((ranked) => ranked.memory).filter(({ type }) => !ofTools.has(type));
}

/** Facts as a chat model finds them. Rejects with `ModelError` as it does, or `MemoryUnreachableError`. What a model makes up does no harm beyond the person's own memories. */
export const findByModel =
  (memory: Pick<MemoryService, 'recall'>, model: ChatModel): FindFacts =>
  async (turn, deadline) => {
    const message = ownWords(turn);
    const shown = (await recallAround(memory, turn.userId, message, deadline)).slice(0, maxShown);
    const known = shown.map(({ id, text }) => ({ id, text }));
    const found = await model.extract({ message, reply: turn.reply, at: turn.at, known }, deadline.signal);
    const remembered = rememberedIn(turn);
    return found
      .filter(({ text, confidence }) => text.length <= maxFactLength && confidence >= leastConfidence)
      .slice(0, maxFacts)
      .flatMap(({ text: said, type, confidence, replaces }): Fact[] => {
        const text = said.replaceAll('\0', '').toWellFormed().trim();
        const same = shown.find((each) => isKept(each) && isSameStatement(each.text, text));
        if (text === '' || (!same && remembered.some((each) => isSameStatement(each, text)))) return [];
        const replaced = shown.filter((each) => replaces.includes(each.id) && isOneStatement(each.text));
        const claims = claimsIn(text);
        const outdated = shown.filter((each) => isComparable(each) && isOutdatedBy(claims, each));
        const contradicted = [...new Set([...replaced.slice(0, maxReplaced), ...outdated])];
        return [{ text, type, confidence: Math.min(1, confidence), contradicted, known: same }];
      });
  };

/** Facts that the rules find: a clause with claims each. Rejects with `MemoryUnreachableError`. */
export const findByRules =
  (memory: Pick<MemoryService, 'recall'>): FindFacts =>
  async (turn, deadline) => {
    const facts: Fact[] = [];
    for (const [text, claims] of byClause(claimsIn(ownWords(turn)))) {
      const around = await recallAround(memory, turn.userId, text, deadline);
      const recalled = around.filter(isComparable);
      const saysSo = (each: string) => {
        const said = claimsIn(each);
        return claims.every((claim) => said.some((other) => isSameClaim(claim, other)));
      };
      const known = recalled.find((each) => isKept(each) && saysSo(each.text));
      if (!known && rememberedIn(turn).some(saysSo)) continue;
      const contradicted = recalled.filter((each) => isOutdatedBy(claims, each));
      facts.push({ text, type: 'fact', confidence: rulesConfidence, contradicted, known });
    }
    return facts;
  };

/** Said by the person: "I" in the words of others is somebody else. The chat's own memories carry who was speaking to them. */
const isOwn = ({ speaker, metadata }: Memory) => speaker === null || 'effective_personality' in metadata;

/** What is longer tells more than a claim. */
const isComparable = (each: Memory) => isOwn(each) && each.text.length <= maxFactLength;

const isOutdatedBy = (claims: readonly Claim[], { text, type }: Memory) =>
  isOutdated(text, claims, type === 'conversation');

/** The claims by the clause that makes them, without those that the same message takes back further on. */
function byClause(claims: Claim[]): Map<string, Claim[]> {
  const clauses = new Map<string, Claim[]>();
  for (const [i, claim] of claims.entries()) {
    if (claims.slice(i + 1).some((later) => contradicts(later, claim))) continue;
    clauses.set(claim.text, [...(clauses.get(claim.text) ?? []), claim]);
  }
  return clauses;
}

const remembered = z.object({ text: z.string() });

/** What the tools kept of the message in its words. */
const rememberedIn = ({ tools }: TranscriptTurn): string[] =>
  tools.flatMap(({ name, ok, result }) => {
    const kept = name === 'remember' && ok ? remembered.safeParse(result).data : undefined;
    return kept ? [kept.text] : [];
  });
