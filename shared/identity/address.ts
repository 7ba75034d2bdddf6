import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { z } from 'zod';
import { misfit } from '../http/problem';
import type { Address, Channel, ChannelType } from './identity-contract';

/**
 * The one way to write an address, so that the same phone is the same person however a channel or a human spells it: E.164 for
 * phones, lower case for e-mail addresses and Telegram names, as it is for the web. Throws ProblemError 400 that says what to send;
 * `path` is where the request has the address.
 */
export function toAddress({ type, address }: Channel, path = 'channel.address'): Address {
  const { read, expected } = kinds[type];
  const found = read(address.trim());
  if (!found) throw misfit([{ path, message: `must be ${expected}` }]);
  return found;
}

type Reader = (address: string) => Address | null;

const aPhone = 'a phone number with + and its country code, such as +1 415 555 0123';

const kinds: Record<ChannelType, { read: Reader; expected: string }> = {
  /** Its ids (wa_id) are phone numbers without the +. */
  whatsapp: { read: (address) => readPhone(address, true), expected: aPhone },
  sms: { read: readPhone, expected: aPhone },
  imessage: {
    read: (address) => (address.includes('@') ? readEmail(address) : readPhone(address)),
    expected: `${aPhone}, or an e-mail address`,
  },
  telegram: { read: readTelegram, expected: 'the numeric id of a person, or their name with @' },
  web: { read: readWeb, expected: '1 to 128 printable characters without spaces or slashes' },
};

const phone = /^(?:(?:whatsapp|sms|tel|imessage):)?([\s(]*\+)?([\p{Nd}\s().\p{Pd}\u2212]+)$/iu;

/**
 * Any international spelling; digits alone are one only for a channel that never writes the +. Whether the country has given the number
 * out is not asked: the channel delivers from it, and lists of ranges lag behind.
 */
function readPhone(address: string, isInternational = false): Address | null {
  const [, plus, rest = ''] = phone.exec(address.normalize('NFKC').replace(/\p{Cf}/gu, '')) ?? [];
  const digits = rest.replace(/\P{Nd}/gu, '').replace(/\P{ASCII}/gu, toAsciiDigit);
  const dialled = plus ? digits : digits.replace(/^00/, '');
  if (!plus && !isInternational && dialled === digits) return null;
  const number = parsePhoneNumberFromString(`+${modern(dialled)}`);
  return number?.isPossible() ? { kind: 'phone', address: number.number } : null;
}

/** The digits of every script stand in runs of ten, from 0 to 9. */
function toAsciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
}

/**
 * WhatsApp keeps ids as they were before Mexico dropped the 1 of mobile phones and Brazil put a 9 before their eight digits; what is
 * dialled now is the address. "Phone numbers", Cloud API documentation: for Brazil and Mexico the extra prefix may be modified.
 */
const modern = (digits: string): string =>
  digits.replace(/^521(?=\d{10}$)/, '52').replace(/^(55\d\d)(?=[6-9]\d{7}$)/, '$19');

function readEmail(address: string): Address | null {
  const { data } = z
    .email()
    .max(254)
    .safeParse(address.replace(/^mailto:/i, '').toLowerCase());
  return data ? { kind: 'email', address: data } : null;
}

/** Ids of people have at most 52 bits, those of groups are negative; names 4 to 32 characters. "User", Telegram Bot API. */
function readTelegram(address: string): Address | null {
  const isPerson = /^(?:[1-9]\d{0,15}|@[a-z]\w{3,31})$/i.test(address);
  return isPerson ? { kind: 'telegram', address: address.toLowerCase() } : null;
}

/** The web's ids are its own; no slash, for they stand in routes. */
function readWeb(address: string): Address | null {
  return /^[^\p{C}\p{Z}/]{1,128}$/u.test(address) ? { kind: 'web', address } : null;
}
