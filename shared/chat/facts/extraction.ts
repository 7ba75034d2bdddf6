import { setTimeout } from 'node:timers/promises';
import { ProblemError } from '../../http/problem';
import type { MemoryService } from '../../memory/memory-contract';
import { type Deadline, raceSignal } from '../../resilience/deadline';
import { describeError, type Logger } from '../../telemetry/logger';
import { type ChatModel, ModelError } from '../model-contract';
import type { Transcript, TranscriptTurn } from '../transcript';
import { type FindFacts, findByModel, findByRules, MemoryUnreachableError, ownWords } from './find-facts';
import { type Finder, keepFact } from './keep-fact';

export interface ExtractionDependencies {
  memory: Pick<MemoryService, 'recall' | 'add' | 'update'>;
  transcript: Pick<Transcript, 'toExtract' | 'markExtracted'>;
  /** null where none is configured. */
  model: ChatModel | null;
  logger: Logger;
  now: () => Date;
}

/**
 * Takes the facts from what people said, after the reply, and marks what they contradict. A turn whose facts could not be looked for, or
 * only by the rules because the model failed, is looked at again. Doing a turn again stores nothing twice. No method rejects.
 */
export interface Extraction {
  /** `by`: who answered; the rules look where the model fails. */
  run(turn: TranscriptTurn, options: { by: Finder }, deadline: Deadline): Promise<void>;
  /** Looks at up to 20 turns older than 60 s that were left, oldest first, for as long as `deadline` has time. */
  catchUp(deadline: Deadline): Promise<void>;
  /** Resolves once nothing is under way in this process, of one person or of all. */
  idle(userId?: string): Promise<void>;
}

const afterReplyMs = 5;
const turnsATime = 20;
/** A younger turn is being looked at by whoever answered it. */
const leftAfterMs = 60_000;
/** After a day what the rules found has to do. */
const givenUpAfterMs = 86_400_000;

/** `done`, or why the turn is looked at again. */
type Outcome = 'done' | 'model_failed' | 'memory_unreachable';

export function createExtraction({ memory, transcript, model, logger, now }: ExtractionDependencies): Extraction {
  const byRules = findByRules(memory);
  const byModel = model && findByModel(memory, model);
  const underWay = new Map<string, Promise<Outcome>>();
  /** The latest turn of each person that is under way. */
  const latest = new Map<string, Promise<Outcome>>();

  const keepAll = async (find: FindFacts, by: Finder, turn: TranscriptTurn, deadline: Deadline) => {
    const facts = await find(turn, deadline);
    for (const fact of facts) await keepFact(memory, turn, fact, by, deadline);
    const contradicted = facts.reduce((sum, fact) => sum + fact.contradicted.length, 0);
    logger.debug('facts extracted', { by, facts: facts.length, contradicted });
  };

  const extract = async (turn: TranscriptTurn, by: Finder, deadline: Deadline): Promise<Outcome> => {
    if (ownWords(turn) === '') return 'done';
    if (by === 'rules' || !byModel) {
      await keepAll(byRules, 'rules', turn, deadline);
      return 'done';
    }
    try {
      await keepAll(byModel, 'model', turn, deadline);
      return 'done';
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      logger.warn('facts are left to the rules', { reason: error.code });
      await keepAll(byRules, 'rules', turn, deadline);
      // The same words will be refused, or lead to nonsense, again.
      return error.code === 'timeout' || error.code === 'unavailable' ? 'model_failed' : 'done';
    }
  };

  const extractSafely = async (turn: TranscriptTurn, by: Finder, deadline: Deadline): Promise<Outcome> => {
    try {
      return await raceSignal(extract(turn, by, deadline), deadline.signal);
    } catch (error) {
      const isExpected = error instanceof MemoryUnreachableError || error instanceof ProblemError;
      if (isExpected || deadline.signal.aborted) return 'memory_unreachable';
      // A bug of ours would come again: it must not hold up the others.
      logger.error('extraction failed', describeError(error));
      return 'done';
    }
  };

  const begin = async (turn: TranscriptTurn, by: Finder, deadline: Deadline): Promise<Outcome> => {
    const outcome = await extractSafely(turn, by, deadline);
    const isGivenUp = now().getTime() - turn.at.getTime() > givenUpAfterMs;
    if (outcome !== 'done') logger.warn('facts not extracted', { reason: outcome, final: isGivenUp });
    if (outcome === 'done' || isGivenUp) {
      await transcript
        .markExtracted(turn.id, now())
        .catch((error) => logger.warn('turn not marked', describeError(error)));
    }
    return outcome;
  };

  /** A person's turns one after the other: what they contradict may be of the turn before. */
  const inTurn = async (turn: TranscriptTurn, by: Finder, deadline: Deadline): Promise<Outcome> => {
    await latest.get(turn.userId);
    // The reply goes out first: nobody waits for this.
    await setTimeout(afterReplyMs);
    return begin(turn, by, deadline);
  };

  const once = (turn: TranscriptTurn, by: Finder, deadline: Deadline): Promise<Outcome> => {
    const { id, userId } = turn;
    const earlier = underWay.get(id);
    if (earlier) return earlier;
    const begun = inTurn(turn, by, deadline).finally(() => {
      underWay.delete(id);
      if (latest.get(userId) === begun) latest.delete(userId);
    });
    underWay.set(id, begun);
    latest.set(userId, begun);
    return begun;
  };

  const left = () =>
    transcript.toExtract(new Date(now().getTime() - leftAfterMs), turnsATime).catch((error) => {
      logger.warn('turns not read', describeError(error));
      return [];
    });

  return {
    run: async (turn, { by }, deadline) => {
      await once(turn, by, deadline);
    },
    catchUp: async (deadline) => {
      for (const turn of await left()) {
        if (deadline.signal.aborted) return;
        // Where one person's memories cannot be reached, nor can the next one's; a model may only have failed at this message.
        if ((await once(turn, 'model', deadline)) === 'memory_unreachable') return;
      }
    },
    idle: async (userId) => {
      if (userId !== undefined) await latest.get(userId);
      else while (underWay.size > 0) await Promise.allSettled(underWay.values());
    },
  };
}
