/** The channels that people write on. */
export const channelTypes = ['whatsapp', 'sms', 'imessage', 'telegram', 'web'] as const;
export type ChannelType = (typeof channelTypes)[number];

/** An address as a channel gives it: a phone number in any spelling, an e-mail address, a Telegram or web id. */
export interface Channel {
  type: ChannelType;
  address: string;
}

/** An address as it is kept; `whatsapp`, `sms` and `imessage` share `phone`. */
export interface Address {
  kind: 'phone' | 'email' | 'telegram' | 'web';
  address: string;
}

export interface Person {
  userId: string;
  addresses: Address[];
}

/** How a request names a person: by exactly one of the two. */
export interface Named {
  userId?: string;
  channel?: Channel;
}

/** How a request names who speaks: as a person, or as one of a group. */
export interface Speaker extends Named {
  sender?: Channel;
  participants?: Channel[];
}

/**
 * One UUID for a person across channels. Every method rejects when the database cannot be reached, and with ProblemError 400 for an
 * address that cannot be one.
 */
export interface Identity {
  /** Who has this address; a new one gets a new person. */
  resolve(channel: Channel): Promise<string>;
  /** Who is named; asks the database only about an address, and a new one gets a new person. */
  person(named: Named): Promise<string>;
  /** The person who has this address, or null. */
  find(channel: Channel): Promise<Person | null>;
  /**
   * Who speaks, and in a group who listens. `userId` is null for a sender who is not one of the participants; one who is listed and new
   * gets a new person. Other participants whom nobody knows are left out.
   */
  speaker(speaker: Speaker): Promise<{ userId: string | null; participants?: string[] }>;
  /** Gives an address to a person on purpose, taking it from whoever had it; memories stay where they are. */
  link(userId: string, channel: Channel): Promise<Person & { previousUserId: string | null }>;
  /** Who has each of these addresses, in their order; null for one that nobody has. */
  owners(addresses: Address[]): Promise<(string | null)[]>;
  /** Who has each of these addresses from now on: who had it, else the first `userId` given with it. */
  claim(claims: { address: Address; userId: string }[]): Promise<string[]>;
  /** Takes an address away, and returns who had it; the next message from it makes a new person. null where nobody has it. */
  unlink(channel: Channel): Promise<Person | null>;
}
