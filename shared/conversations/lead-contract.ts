import type { Metadata } from '../memory/memory';
import type { Deadline } from '../resilience/deadline';
import type { Storage } from './conversations-contract';

/** What an agent learnt of somebody who may buy. Whatever is null or left out is not known; more fields are kept as they are. */
export interface LeadData extends Metadata {
  /** The caller's own name for the lead; Keepsake makes one where there is none. */
  id?: string | null;
  name?: string | null;
  /** As it was said: one that can be read as a phone number links the lead to its person. */
  phone?: string | null;
  email?: string | null;
  company?: string | null;
  /** Any words; low, medium, high and baja, media, alta are what recommendations understand. */
  interest_level?: string | null;
  budget?: string | number | null;
  timeline?: string | null;
}

export interface LeadRequest {
  sessionId: string;
  callId?: string;
  leadData: LeadData;
  transcriptSummary?: string;
}

export interface StoredLead {
  success: true;
  leadId: string;
  userId: string;
  /** This version's, valid whatever the provider calls its memory. */
  memoryId: string;
  /** The provider's id; null while it has none. */
  mem0Id: string | null;
  storage: Storage;
  message: string;
  /** How many pieces were masked before storage, by kind; absent where none was. */
  redacted?: Record<string, number>;
}

/** A lead as one session left it. */
export interface LeadVersion {
  /** Sorts by time. */
  id: string;
  leadId: string;
  userId: string;
  sessionId: string;
  callId: string | null;
  data: Metadata;
  transcriptSummary: string | null;
  at: Date;
  memoryId: string | null;
}

export interface Lead {
  leadId: string;
  userId: string;
  /** Of every field the last word that was said. */
  data: Metadata;
  /** The newest one. */
  transcriptSummary: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Newest first, at most 100. */
  versions: LeadVersion[];
}

/** Leads, a version a summary. Every method rejects when the database cannot be reached. */
export interface Leads {
  /**
   * The lead's new version: of the one with the same id, else of the person's in this session. It is durable once this resolves, and a
   * memory of type `lead` goes to the provider, now or by a later tick (`storage: "fallback"`). The same summary again is the same version.
   */
  store(request: LeadRequest, deadline: Deadline): Promise<StoredLead>;
  /** null where there is none of this id. Versions of another person under the same id are left out. */
  get(leadId: string): Promise<Lead | null>;
}
