import { z } from 'zod';
import type { Terms } from '../embedding/terms';
import type { Memory, Page } from '../memory/memory';
import type { MemoryService, Read } from '../memory/memory-contract';
import { ProblemError } from '../http/problem';
import { createDeadline } from '../resilience/deadline';
import { cut } from './cut';
import { allAbout, quotable } from './quotes';
import { type Outcome, tool, type ToolContext, ToolError } from './tool';
import type { Pending, Transcript, TranscriptTurn } from './transcript';

export type Asked = { asked: number; examples: string[] };
/**
 * `queued`: of those forgotten, how many the memory provider still has; they are gone here, and there once it is back. `left`: what failed
 * and what more was found, which the person is asked about again.
 */
export type Forgotten = { forgotten: number; queued: number; failed: number; left: number };

/** What one question is about: the best hundred of a search, or so many of all. What is left is found once these are gone. */
const mostAboutOneThing = 100;
const mostAtOnce = 500;
const maxExamples = 3;
const maxExample = 200;
const maxQuery = 1000;
/** Deletes under way at a time. */
const abreast = 8;

interface ForgetDependencies {
  memory: MemoryService;
  transcript: Transcript;
  terms: Terms;
}

/** Forgets, and never by a chat model's own decision: only where the rules saw the person ask for it, or say yes to the question. */
export function createForgetTool({ memory, transcript, terms }: ForgetDependencies) {
  const recall = async (query: string, { userId, deadline }: ToolContext, at?: Date): Promise<Memory[] | null> => {
    const filter = at && { since: at, until: at };
    const request = { userId, query: cut(query, maxQuery), limit: mostAboutOneThing, filter };
    const { value, memory: state } = await memory.recall(request, deadline);
    // What waits in the outbox is not all there is, and cannot be deleted while nobody else answers.
    return state.source === 'outbox' ? null : (value?.map((found) => found.memory) ?? null);
  };

  /** All that the person's message before this one left behind. */
  const ofLast = async (context: ToolContext): Promise<Memory[] | null> =>
    context.previous ? recall(context.previous.message, context, context.previous.at) : [];

  const ofAll = async ({ userId, deadline }: ToolContext): Promise<Memory[] | null> => {
    const found: Memory[] = [];
    let cursor: string | null = null;
    do {
      const { value }: Read<Page<Memory>> = await memory.list(userId, { limit: 100, cursor }, deadline);
      if (!value) return null;
      found.push(...value.items);
      cursor = value.nextCursor;
    } while (cursor !== null && found.length < mostAtOnce);
    return found;
  };

  const ofTopic = async (about: string, context: ToolContext): Promise<Memory[] | null> => {
    const found = await recall(about, context);
    return found && allAbout(about, found, terms);
  };

  /** With a deadline of its own: what was said yes to goes on when the client leaves. */
  const deleteOne = async (id: string, budgetMs: number) => {
    try {
      return (await memory.delete(id, createDeadline(budgetMs))).status;
    } catch (error) {
      if (error instanceof ProblemError) return 'failed';
      throw error;
    }
  };

  const forget = async (ids: string[], times: Date[], { userId, deadline }: ToolContext) => {
    // First, for it needs the database alone: should it fail, nothing is deleted and the person can ask again.
    await transcript.forget(userId, times, ids);
    // The other half of the time is for the reply.
    const budget = deadline.within(deadline.remainingMs() / 2);
    const outcomes = new Map<string, Awaited<ReturnType<typeof deleteOne>>>();
    for (let from = 0; from < ids.length; from += abreast) {
      await Promise.all(
        ids.slice(from, from + abreast).map(async (id) => outcomes.set(id, await deleteOne(id, budget.remainingMs()))),
      );
    }
    return {
      failed: ids.filter((id) => outcomes.get(id) === 'failed'),
      queued: ids.filter((id) => outcomes.get(id) === 'queued').length,
    };
  };

  const forgetLast = async (previous: TranscriptTurn, found: Memory[], context: ToolContext): Promise<Told> => {
    const ids = found.map(({ id }) => id);
    const { failed, queued } = await forget(ids, [previous.at], context);
    return told({ kind: 'forget', about: 'last', memoryIds: ids, times: [] }, failed, queued, failed);
  };

  const forgetConfirmed = async (context: ToolContext): Promise<Told> => {
    const { pending, isConfirmed, previous, at } = context;
    if (!pending || !isConfirmed) throw new ToolError('not_confirmed');
    const request = ((await ofLast(context)) ?? []).map(({ id }) => id).filter((id) => !pending.memoryIds.includes(id));
    const times = [...pending.times.map((time) => new Date(time)), ...(previous ? [previous.at] : [])];
    const { failed, queued } = await forget(pending.memoryIds, times, context);
    // The request and the question name what is to be forgotten: they go, too, but are not counted.
    await forget(request, [], context);
    const more = (await look(pending.about, context))?.filter(({ createdAt }) => createdAt < at) ?? [];
    const gone = new Set([...pending.memoryIds, ...request]);
    const left = [...failed, ...more.map(({ id }) => id).filter((id) => !gone.has(id))];
    return told({ ...pending, times: timesOf(more) }, failed, queued, left);
  };

  /** What is there of what was asked about. */
  const look = async (about: string, context: ToolContext): Promise<Memory[] | null> => {
    if (about === last) return [];
    return about === everything ? ofAll(context) : ofTopic(about, context);
  };

  return tool<typeof input, Asked | Forgotten>({
    description:
      'Forgets, when the person asks you to: {what: "last"} what their previous message left in memory, {about} all memories on something, ' +
      '{what: "everything"} all memories. Gives how many there are and a few examples (`asked`): put that to the person as a question, for ' +
      'nothing is forgotten before they say yes. Once they did, {confirm: true} forgets and gives how many. Goals, check-ins and ' +
      'preferences stay.',
    input,
    run: async ({ what, about = everything, confirm }, context) => {
      if (confirm) return forgetConfirmed(context);
      const found = what === 'last' ? await ofLast(context) : await look(about, context);
      if (!found) throw new ToolError('memory_unreachable');
      const { asksToForget, previous } = context;
      if (what === 'last' && asksToForget && previous) return forgetLast(previous, found, context);
      return ask(what === 'last' ? last : about, found);
    },
  });
}

/** What a question is about where it is not about a topic. */
const everything = 'everything';
const last = 'last';

const input = z
  .strictObject({
    what: z.enum(['last', 'everything']).optional(),
    about: z.string().trim().min(1).max(300).optional(),
    confirm: z.literal(true).optional(),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    message: 'Give exactly one of what, about and confirm.',
  });

type Told = Outcome<Asked | Forgotten>;

function ask(about: string, found: Memory[]): Told {
  const examples = quotable(found).map(({ text }) => cut(text, maxExample));
  const result: Asked = { asked: found.length, examples: examples.slice(0, maxExamples) };
  const pending: Pending = { kind: 'forget', about, memoryIds: found.map(({ id }) => id), times: timesOf(found) };
  return found.length ? { result, pending } : { result };
}

function told(pending: Pending, failed: string[], queued: number, left: string[]): Told {
  const forgotten = pending.memoryIds.length - failed.length;
  const result: Forgotten = { forgotten, queued, failed: failed.length, left: left.length };
  return left.length ? { result, pending: { ...pending, memoryIds: left } } : { result };
}

const timesOf = (memories: Memory[]) => [...new Set(memories.map(({ createdAt }) => createdAt.toISOString()))];
