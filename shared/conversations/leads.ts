import { isDeepStrictEqual } from 'node:util';
import { v7 } from 'uuid';
import type { Identity } from '../identity/identity-contract';
import type { Delivery } from '../memory/delivery';
import { derivedId } from '../memory/derived-id';
import type { Metadata } from '../memory/memory';
import type { Outbox } from '../memory/outbox-contract';
import { keeperOf, type MemoryProvider, type NewMemory } from '../memory/provider';
import { showUntilThen } from '../memory/shown';
import type { Masking, Redaction } from '../redaction/redaction';
import { raceSignal } from '../resilience/deadline';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import type { Storage } from './conversations-contract';
import type { Exchanges } from './exchanges';
import type { LeadData, LeadRequest, Leads, LeadVersion } from './lead-contract';
import { personOfLead, phoneChannel } from './lead-person';
import { insertLead, type LeadRows, toLead } from './lead-rows';
import { leadText } from './lead-text';

export interface LeadsDependencies {
  identity: Identity;
  exchanges: Pick<Exchanges, 'bySession'>;
  leadRows: LeadRows;
  outbox: Outbox;
  delivery: Delivery;
  provider: MemoryProvider;
  index: SearchIndex;
  points: PointBuilder;
  redaction: Redaction;
  now: () => Date;
}

const maxVersions = 100;
/** How long a request waits for the provider; what is left of its budget for the answer. */
const waitMs = 1_500;
const answerMs = 200;

export function createLeads(dependencies: LeadsDependencies): Leads {
  const { leadRows, outbox, delivery, provider, redaction, now } = dependencies;

  /** The lead that a session's summary is a version of. Two at once find the same, whether it is there or not. */
  const leadIdOf = async (userId: string, sessionId: string, { id }: LeadData): Promise<string> => {
    if (id) return id;
    const own = (await leadRows.bySession(sessionId, maxVersions)).find((lead) => lead.userId === userId);
    return own?.leadId ?? derivedId('lead', userId, sessionId);
  };

  /** The new version as it is kept, or the one before it where that says the same: a request that is sent again. */
  const keep = async ({ sessionId, leadData, ...request }: LeadRequest, masking: Masking) => {
    const userId = await personOfLead(dependencies, sessionId, leadData);
    const leadId = await leadIdOf(userId, sessionId, leadData);
    const data: Metadata = { ...masking.deep(leadData), id: leadId };
    const { callId = null, transcriptSummary: summary } = request;
    const more = { callId, transcriptSummary: summary === undefined ? null : masking.text(summary) };
    const said = { leadId, userId, sessionId, data, ...more };
    const [before] = await leadRows.byLead(leadId, 1);
    if (before && isDeepStrictEqual({ ...before, ...said }, before)) return before;
    const row: LeadVersion = { ...said, id: v7(), at: now(), memoryId: null };
    const write = { kind: 'add' as const, memory: toMemory(row), origin: 'lead' as const };
    await outbox.acceptWith([{ userId, operationId: row.id, write }], (tx) => insertLead(tx, row));
    return row;
  };

  /** What becomes of it within a moment; until it is at the provider the index shows it. */
  const arrival = async (row: LeadVersion, leftMs: number): Promise<{ storage: Storage; mem0Id: string | null }> => {
    const keeper = await keeperOf(provider, row.userId);
    if (row.memoryId !== null) return { storage: keeper, mem0Id: row.memoryId };
    const show = showUntilThen(dependencies, toMemory(row));
    const outcome = await delivery.outcomeOf(row.userId, row.id, Math.min(waitMs, leftMs), show);
    if (outcome.status === 'stored' && !outcome.storage)
      return { storage: keeper, mem0Id: outcome.memories[0]?.id ?? null };
    return { storage: outcome.status === 'pending' ? keeper : 'fallback', mem0Id: null };
  };

  return {
    store: async (request, deadline) => {
      const budget = deadline.within(deadline.remainingMs() - answerMs);
      const masking = redaction();
      const row = await raceSignal(keep(request, masking), budget.signal);
      const { storage, mem0Id } = await arrival(row, budget.remainingMs());
      const { leadId, userId, id: memoryId } = row;
      const message = messageOf(storage, request.leadData);
      return { success: true, leadId, userId, memoryId, mem0Id, storage, message, ...masking.report() };
    },
    get: async (leadId) => toLead(await leadRows.byLead(leadId, maxVersions)),
  };
}

/** The words as they are; the metadata is the lead's data with its id. */
const toMemory = ({ id, userId, sessionId, data, transcriptSummary, at }: LeadVersion): NewMemory => ({
  ...{ operationId: id, userId, sessionId, at, type: 'lead', topic: null, tags: [], metadata: data },
  utterances: [{ role: 'user', name: null, content: leadText(data, transcriptSummary), at }],
  ...{ infer: false, expiresAt: null },
});

function messageOf(storage: Storage, { phone }: LeadData): string {
  const stored = storage === 'fallback' ? 'Lead kept; it goes to the memory provider later.' : 'Lead stored.';
  const isUnread = phone && !phoneChannel(phone);
  return isUnread
    ? `${stored} Its phone is kept as it was said: as a phone number it lacks + and a country code.`
    : stored;
}
