import { randomUUID } from 'node:crypto';
import { toAddress } from '../identity/address';
import type { Address, Identity } from '../identity/identity-contract';
import { derivedId } from '../memory/derived-id';
import type { Logger } from '../telemetry/logger';
import type { ConversationRequest } from './conversations-contract';
import type { Exchanges } from './exchanges';

export type Caller = Pick<ConversationRequest, 'sessionId' | 'user'>;

/** Says who is on the phone. */
export interface Callers {
  /**
   * The person of each request, in their order: `user.id`; else who has the phone; else who spoke last in the session; else somebody new,
   * the same one for this session always. A new phone is given to `user.id`, or to somebody new; one that somebody has stays theirs. Rejects with
   * ProblemError 400 for a phone that cannot be one, and when the database cannot be reached.
   */
  identify(callers: readonly Caller[]): Promise<string[]>;
}

/** The address of a phone of any spelling, with its country code. Throws ProblemError 400 that names `path`. */
export const phoneAddress = (phone: string, path: string): Address => toAddress({ type: 'sms', address: phone }, path);

export function createCallers({
  identity,
  exchanges,
  logger,
}: {
  identity: Identity;
  exchanges: Exchanges;
  logger: Logger;
}): Callers {
  /** Who has the phones, by the caller's place. */
  const ownersOf = async (callers: readonly Caller[]): Promise<Map<Caller, string>> => {
    const withPhone = callers.flatMap((caller) => {
      const { id, phone } = caller.user;
      if (phone === undefined) return [];
      return [{ caller, address: phoneAddress(phone, 'user.phone'), userId: id ?? randomUUID() }];
    });
    if (withPhone.length === 0) return new Map();
    const owners = await identity.claim(withPhone);
    return new Map(withPhone.map(({ caller }, i) => [caller, owners[i] as string]));
  };

  const speakersOf = async (callers: readonly Caller[]): Promise<Map<string, string>> => {
    const nameless = callers.filter(({ user }) => user.id === undefined && user.phone === undefined);
    if (nameless.length === 0) return new Map();
    return exchanges.peopleOf([...new Set(nameless.map(({ sessionId }) => sessionId))]);
  };

  return {
    identify: async (callers) => {
      const owners = await ownersOf(callers);
      const speakers = await speakersOf(callers);
      return callers.map((caller) => {
        const { user, sessionId } = caller;
        const owner = owners.get(caller);
        if (user.id !== undefined && owner !== undefined && owner !== user.id)
          logger.info('phone is of another person');
        const person = user.id ?? owner ?? speakers.get(sessionId) ?? derivedId('session', sessionId);
        // Who speaks next in it without saying who they are.
        speakers.set(sessionId, person);
        return person;
      });
    },
  };
}
