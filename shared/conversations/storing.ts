import { randomUUID } from 'node:crypto';
import type { Settings } from '../config/settings';
import { ProblemError } from '../http/problem';
import type { Identity } from '../identity/identity-contract';
import { createBulkDelivery } from '../memory/bulk-delivery';
import type { Delivery } from '../memory/delivery';
import { unavailable } from '../memory/durable-write';
import type { AcceptedWrite, Outbox } from '../memory/outbox-contract';
import { keeperOf, type MemoryProvider, type NewMemory } from '../memory/provider';
import { showUntilThen } from '../memory/shown';
import type { Redaction } from '../redaction/redaction';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { createCallers, phoneAddress } from './callers';
import {
  type BulkResult,
  type ConversationRequest,
  type Conversations,
  type Exchange,
  type StoredConversation,
  toContent,
} from './conversations-contract';
import { toExchangeId } from './exchange-id';
import { type Exchanges, insertExchanges } from './exchanges';
import { toPairs } from './pairs';
import { keepNames } from './person-names';

export interface StoringDependencies {
  identity: Identity;
  exchanges: Exchanges;
  outbox: Outbox;
  delivery: Delivery;
  provider: MemoryProvider;
  index: SearchIndex;
  points: PointBuilder;
  redaction: Redaction;
  settings: Settings;
  statistics: Statistics;
  logger: Logger;
  now: () => Date;
}

/** How long a reply waits for the provider to take what was kept; it goes on behind it. */
const waitMs = 1_500;
const bulkWaitMs = 500;
/** What is left of the request's budget for the answer itself. */
const answerMs = 200;

/** What a person said in a call, as it goes to the provider. */
const toMemory = (exchange: Exchange): NewMemory => {
  const { operationId, userId, sessionId, tags, metadata, at } = exchange;
  const utterances = [{ role: 'user' as const, name: null, content: toContent(exchange), at }];
  const common = { operationId, userId, sessionId, tags, metadata, at, utterances };
  return { ...common, type: 'conversation', topic: null, expiresAt: null, infer: false };
};

const toAdd = (exchange: Exchange): AcceptedWrite => {
  const { userId, operationId } = exchange;
  return { userId, operationId, write: { kind: 'add', memory: toMemory(exchange), origin: 'exchange' } };
};

/** A conversation and the exchanges it is made of. */
interface Plan {
  request: ConversationRequest;
  rows: Exchange[];
  masked: Pick<StoredConversation, 'redacted'>;
}

/** Stores calls; see `Conversations`. */
export function createStoring(dependencies: StoringDependencies): Omit<Conversations, 'find'> {
  const { exchanges, outbox, delivery, provider, redaction, statistics, logger, now } = dependencies;
  const callers = createCallers(dependencies);
  const bulk = createBulkDelivery(delivery, () => dependencies.settings.MEM0_BATCH_SIZE);

  const toPlans = async (requests: ConversationRequest[]): Promise<Plan[]> => {
    const people = await callers.identify(requests);
    const at = now();
    let position = 0;
    return requests.map((request, i) => {
      const { sessionId, callId = null } = request;
      const masking = redaction();
      const said = request.said.map((turn) => ({ ...turn, content: masking.text(turn.content) }));
      const tags = request.tags.map(masking.text);
      const metadata = masking.deep(request.metadata);
      const rows = toPairs(said).map((pair): Exchange => {
        const saidAt = pair.at ?? at;
        const named = { id: toExchangeId(saidAt, position++), operationId: randomUUID(), userId: people[i] as string };
        const { query, answer } = pair;
        return { ...named, sessionId, callId, query, answer, tags, metadata, at: saidAt, memoryId: null, topic: null };
      });
      return { request, rows, masked: masking.report() };
    });
  };

  /** Everything or nothing. Throws ProblemError 503 where the database cannot be reached. */
  const keep = async (requests: ConversationRequest[], deadline: Deadline): Promise<Plan[]> => {
    const { signal } = deadline.within(deadline.remainingMs() - answerMs);
    const work = async () => {
      const plans = await toPlans(requests);
      const rows = plans.flatMap((plan) => plan.rows);
      const named = plans.flatMap(({ request, rows: [first] }) => {
        const { name } = request.user;
        return name !== undefined && first ? [{ userId: first.userId, name }] : [];
      });
      await outbox.acceptWith(rows.map(toAdd), async (tx) => {
        await insertExchanges(tx, rows);
        await keepNames(tx, named, now());
      });
      return plans;
    };
    try {
      return await raceSignal(work(), signal);
    } catch (error) {
      if (!isDatabaseUnreachable(error) && !signal.aborted) throw error;
      logger.error('conversation not kept', describeError(error));
      throw unavailable('The conversation could not be kept just now: the database cannot be reached.');
    }
  };

  /** `memories`: the provider's, by the exchange's id. */
  const toStored = async (
    { rows, masked }: Plan,
    memories: ReadonlyMap<string, string>,
  ): Promise<StoredConversation> => {
    const [first] = rows;
    const memoryIds = rows.map(({ id }) => id);
    const [memoryId = ''] = memoryIds;
    const isStored = memoryIds.every((id) => memories.has(id));
    statistics.count(isStored ? 'conversations.stored' : 'conversations.fallback');
    return {
      ...{ success: true, memoryId, memoryIds, mem0Id: memories.get(memoryId) ?? null },
      storage: isStored && first ? await keeperOf(provider, first.userId) : 'fallback',
      message: isStored
        ? 'Stored.'
        : 'Kept, and readable at once; the memory provider is sent it as soon as it takes it.',
      ...masked,
    };
  };

  const deliver = async (exchange: Exchange, deadline: Deadline): Promise<[id: string, memoryId: string][]> => {
    const { id, userId, operationId } = exchange;
    const wait = Math.min(waitMs, deadline.remainingMs() / 3);
    const outcome = await delivery.outcomeOf(
      userId,
      operationId,
      wait,
      showUntilThen(dependencies, toMemory(exchange)),
    );
    // What a second provider keeps until the first one takes it is not there yet.
    const [memory] = outcome.status === 'stored' && !outcome.storage ? outcome.memories : [];
    return memory ? [[id, memory.id]] : [];
  };

  const deliverAll = async (plans: Plan[], deadline: Deadline): Promise<Map<string, string>> => {
    const rows = plans.flatMap((plan) => plan.rows);
    const { signal } = deadline.within(bulkWaitMs);
    await raceSignal(bulk.send(rows.map(({ userId }) => userId)), signal).catch(() => undefined);
    return exchanges.memoriesOf(rows.map(({ id }) => id)).catch(() => new Map());
  };

  return {
    store: async (request, deadline) => {
      const [plan] = await keep([request], deadline);
      if (!plan) throw new Error('a request has no plan');
      const arrived = await Promise.all(plan.rows.map((exchange) => deliver(exchange, deadline)));
      return toStored(plan, new Map(arrived.flat()));
    },
    storeAll: async (requests, deadline) => {
      const misfits = requests.map(misfitOf);
      const plans = await keep(
        requests.filter((_, i) => !misfits[i]),
        deadline,
      );
      const memories = await deliverAll(plans, deadline);
      const stored = plans.values();
      return Promise.all(misfits.map((misfit) => misfit ?? toStored(stored.next().value as Plan, memories)));
    },
    idle: bulk.idle,
  };
}

/** What keeps one conversation from being stored, while others are. */
function misfitOf({ user }: ConversationRequest): BulkResult | null {
  try {
    if (user.phone !== undefined) phoneAddress(user.phone, 'user.phone');
    return null;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { status, message, errors } = error;
    return { success: false, status, message, errors };
  }
}
