import type { Terms } from '../embedding/terms';
import type { Address, Identity } from '../identity/identity-contract';
import type { MemoryState } from '../memory/memory-contract';
import { toMemoryState } from '../memory/memory-state';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { describeError, type Logger } from '../telemetry/logger';
import { phoneAddress } from './callers';
import type { Exchange } from './conversations-contract';
import type { Exchanges } from './exchanges';
import type { Lead } from './lead-contract';
import { speakerOf } from './lead-person';
import { type LeadRows, toLead } from './lead-rows';
import { type Recommendation, recommend } from './recommendations';
import type { Sentiment, SentimentTrend } from './sentiment';

/** What a voice agent is told before it picks up. null is what could not be read; a caller who is not known has zeros and empty lists. */
export interface SessionContext {
  sessionId: string;
  /** null for nobody we know. */
  userId: string | null;
  /** At most 10: of this session, newest first, then of the person's earlier ones. */
  recentMemories: (Exchange & { thisSession: boolean })[] | null;
  userContext: {
    /** Exchanges over all sessions. */
    totalInteractions: number | null;
    lastInteraction: Date | null;
    /** The five most frequent of the last 200 exchanges. */
    commonTopics: { topic: string; count: number }[] | null;
    /** Of the person's last 200 exchanges, and of this session's. */
    sentimentTrend: (SentimentTrend & { session: SentimentTrend }) | null;
  };
  /** The person's newest one. */
  lead: Lead | null;
  recommendations: Recommendation[] | null;
  /** `outbox` where the provider has not all of it yet; what is read is whole all the same. */
  memory: MemoryState;
}

/** From Postgres alone: no provider and no model is asked. */
export interface SessionContexts {
  /**
   * Of who speaks in the session; where nobody did yet, of who has the phone. Rejects with ProblemError 400 for a phone that cannot be
   * one. Where the database cannot be reached within 2 s, all of it is null and `memory` is degraded.
   */
  of(session: { sessionId: string; phone?: string }, deadline: Deadline): Promise<SessionContext>;
}

export interface SessionContextDependencies {
  exchanges: Exchanges;
  leadRows: LeadRows;
  identity: Pick<Identity, 'owners'>;
  sentiment: Sentiment;
  terms: Pick<Terms, 'language'>;
  logger: Logger;
  now: () => Date;
}

const maxRecent = 10;
const maxTopics = 5;
/** How much of a person's past is looked at. */
const maxExchanges = 200;
const maxLeads = 100;
const readMs = 2_000;

type Known = Awaited<ReturnType<ReturnType<typeof createReader>>>;

/** Who it is about and all that is kept of them, newest first. */
const createReader =
  ({ exchanges, leadRows, identity }: SessionContextDependencies) =>
  async (sessionId: string, caller: Address | null) => {
    const speaker = await speakerOf({ exchanges, leadRows }, sessionId);
    const userId = speaker ?? (caller && (await identity.owners([caller]))[0]) ?? null;
    if (userId === null) return { userId, total: { count: 0, lastAt: null }, session: [], all: [], leads: [] };
    const [total, session, all, leads] = await Promise.all([
      exchanges.totals(userId),
      exchanges.bySession(sessionId, maxExchanges),
      exchanges.byUser(userId, maxExchanges),
      leadRows.byUser(userId, maxLeads),
    ]);
    return { userId, total, session: session.filter((one) => one.userId === userId), all, leads };
  };

export function createSessionContext(dependencies: SessionContextDependencies): SessionContexts {
  const { sentiment, terms, logger, now } = dependencies;
  const read = createReader(dependencies);

  const toContext = (sessionId: string, { userId, total, session, all, leads }: Known): SessionContext => {
    const saidIn = (rows: Exchange[]) => rows.map(({ query }) => query).toReversed();
    const earlier = all.filter((one) => one.sessionId !== sessionId);
    const recent = [
      ...session.map((one) => ({ ...one, thisSession: true })),
      ...earlier.map((one) => ({ ...one, thisSession: false })),
    ];
    const hasAll = all.every(({ memoryId }) => memoryId !== null);
    const words = all.length > 0 ? saidIn(all) : leads.map(({ transcriptSummary }) => transcriptSummary ?? '');
    const history = { exchanges: all.toReversed(), leads: leads.toReversed(), now: now() };
    return {
      ...{ sessionId, userId, recentMemories: recent.slice(0, maxRecent) },
      userContext: {
        totalInteractions: total.count,
        lastInteraction: total.lastAt,
        commonTopics: countTopics(all),
        sentimentTrend: {
          ...sentiment.trend(saidIn(all)),
          session: sentiment.trend(saidIn(session)),
        },
      },
      lead: toLead(leads.filter(({ leadId }) => leadId === leads[0]?.leadId)),
      recommendations: recommend(history, terms.language(words.join('\n'))),
      memory: toMemoryState(hasAll ? 'provider' : 'outbox', null, now()),
    };
  };

  const unreachable = (sessionId: string, reason: string): SessionContext => ({
    ...{ sessionId, userId: null, recentMemories: null },
    userContext: { totalInteractions: null, lastInteraction: null, commonTopics: null, sentimentTrend: null },
    ...{ lead: null, recommendations: null },
    memory: toMemoryState('none', reason, now()),
  });

  return {
    of: async ({ sessionId, phone }, deadline) => {
      const caller = phone === undefined ? null : phoneAddress(phone, 'phone');
      const { signal } = deadline.within(readMs);
      try {
        return toContext(sessionId, await raceSignal(read(sessionId, caller), signal));
      } catch (error) {
        if (!signal.aborted && !isDatabaseUnreachable(error)) throw error;
        logger.error('session context unreadable', describeError(error));
        return unreachable(sessionId, signal.aborted ? 'database_timeout' : 'database_unreachable');
      }
    },
  };
}

/** The most frequent first, of equals the one that came up last. */
function countTopics(rows: Exchange[]): { topic: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { topic } of rows) if (topic !== null) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return [...counts]
    .map(([topic, count]) => ({ topic, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, maxTopics);
}
