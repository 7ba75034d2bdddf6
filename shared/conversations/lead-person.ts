import { ProblemError } from '../http/problem';
import { toAddress } from '../identity/address';
import type { Channel, Identity } from '../identity/identity-contract';
import { derivedId } from '../memory/derived-id';
import type { Exchanges } from './exchanges';
import type { LeadData } from './lead-contract';
import type { LeadRows } from './lead-rows';

/** A phone number as a channel, or null for what cannot be read as one: an agent may have misheard it. */
export function phoneChannel(phone: string | null | undefined): Channel | null {
  try {
    return { type: 'sms', address: toAddress({ type: 'sms', address: phone ?? '' }).address };
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

/** Who spoke in a session, in its exchanges or its leads, or null. Rejects when the database cannot be reached. */
export async function speakerOf(
  { exchanges, leadRows }: { exchanges: Pick<Exchanges, 'bySession'>; leadRows: LeadRows },
  sessionId: string,
): Promise<string | null> {
  const [exchange] = await exchanges.bySession(sessionId, 1);
  const [lead] = exchange ? [] : await leadRows.bySession(sessionId, 1);
  return exchange?.userId ?? lead?.userId ?? null;
}

/**
 * Who a lead is: whoever has its phone, a new person where nobody has; without a phone whose lead it was by its id, else who spoke in
 * the session, else somebody new, who is the session's. Rejects when the database cannot be reached.
 */
export async function personOfLead(
  rooms: { identity: Identity; exchanges: Pick<Exchanges, 'bySession'>; leadRows: LeadRows },
  sessionId: string,
  { id, phone }: LeadData,
): Promise<string> {
  const channel = phoneChannel(phone);
  if (channel) return rooms.identity.resolve(channel);
  const [known] = id ? await rooms.leadRows.byLead(id, 1) : [];
  return known?.userId ?? (await speakerOf(rooms, sessionId)) ?? derivedId('session', sessionId);
}
