import { z } from 'zod';
import { channelTypes } from '../identity/identity-contract';
import { brainType } from '../memory/memory';
import { toFieldErrors } from './field-errors';
import { misfit } from './problem';

/** The fields that requests are made of, with API.md's bounds. Every text refuses what Postgres cannot keep. */

const clean = (value: string) => !value.includes('\0') && value.isWellFormed();
const cleanMessage = 'must not contain NUL characters or unpaired surrogates';

/** A text of 1 to `max` UTF-16 units that holds more than white space. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine(clean, cleanMessage)
    .refine((value) => value.trim() !== '', 'must not be blank');

/** A short word that names something: a type, a topic, a session, a message. */
export const label = (max = 128) => text(max);

/** A type of memory that anybody may store. */
export const newType = label(64).refine(
  (type) => type !== brainType,
  `${brainType} is for values by slug: save them with PUT /api/brain/users/{id}`,
);

export const userId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._:@+-]+$/, 'may contain letters, digits and . _ : @ + - only');
export const id = z.uuid();
/** The caller's own; it stands in a route. */
export const leadId = label().regex(/^[^\p{C}/]*$/u, 'must not contain slashes or control characters');
export const message = text(8_000);
export const query = text(1_000);
export const tags = z.array(label(64)).max(20);
/** How many to return: in a body, and in a query string, where everything is text. */
const limit = z.number().int().min(1).max(100);
export const bodyLimit = limit.default(10);
export const queryLimit = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(limit).default(10);
export const cursor = z.string().min(1).max(512).optional();

/** An ISO 8601 date or moment with a zone (`2026-03-01`, `2026-03-01T08:30:00Z`), between the years 1900 and 9999. */
export const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 date, or a time with its zone')
  .transform((value) => new Date(value))
  .refine(
    (value) => value.getTime() >= Date.UTC(1900, 0) && value.getUTCFullYear() <= 9999,
    'must lie between 1900 and 9999',
  );

const maxDepth = 5;
const maxMetadataBytes = 16 * 1024;
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Why a JSON value cannot be stored, or null. Stops at `maxDepth`, so hostile nesting costs nothing. */
function metadataFault(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return clean(value) ? null : cleanMessage;
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'must not contain numbers beyond the range of a double';
  if (value === null || typeof value !== 'object') return null;
  if (depth >= maxDepth) return `must not be nested deeper than ${maxDepth}`;
  for (const [key, inner] of Object.entries(value)) {
    if (prototypeKeys.has(key)) return 'must not use __proto__, constructor or prototype as a key';
    const fault = clean(key) ? metadataFault(inner, depth + 1) : cleanMessage;
    if (fault) return fault;
  }
  return null;
}

/** The caller's own JSON object: at most 16 KiB and 5 levels, returned as it was. */
export const metadata = z.custom<Record<string, unknown>>().superRefine((value, context) => {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fault = isObject ? metadataFault(value, 0) : 'must be an object';
  if (fault) context.addIssue({ code: 'custom', message: fault });
  else if (Buffer.byteLength(JSON.stringify(value)) > maxMetadataBytes) {
    context.addIssue({ code: 'custom', message: 'must not exceed 16 KiB of JSON' });
  }
});

/** A phone number in a query string, where + is a space. */
export const queryPhone = text(64).transform((phone) => phone.replace(/^ (?=\d)/, '+'));

export const channelType = z.enum(channelTypes, `must be one of ${channelTypes.join(', ')}`);
/** Of any channel; which addresses a channel has, identity says. */
export const address = text(256);
export const channel = z.strictObject({ type: channelType, address });

/** How a request names a person; `exactlyOneOf('user_id', 'channel')` belongs to it. */
export const person = { user_id: userId.optional(), channel: channel.optional() };

/** What a list takes in its query string. */
export const paging = { limit: queryLimit, cursor };

const given = (input: object, names: string[]) =>
  names.filter((name) => (input as Record<string, unknown>)[name] !== undefined);

/** One of a list whose items are taken each by itself: as it fits, or with what does not, while the others are kept. */
export const alone = <Schema extends z.ZodType>(schema: Schema) =>
  z.unknown().transform((value) => {
    const { success, data, error } = schema.safeParse(value);
    if (success) return { success: true as const, data: data as z.output<Schema> };
    const { status, message, errors } = misfit(toFieldErrors(error));
    return { success: false as const, status, message, errors };
  });

/** Refuses a request that has none, or more than one, of these fields. */
export const exactlyOneOf =
  (...names: string[]) =>
  (input: object, context: z.RefinementCtx): void => {
    if (given(input, names).length !== 1) {
      context.addIssue({
        code: 'custom',
        path: [names[0] ?? ''],
        message: `exactly one of ${names.join(', ')} is needed`,
      });
    }
  };

/** Refuses a request that has the first of these fields and lacks another. */
export const needs =
  (name: string, ...others: string[]) =>
  (input: object, context: z.RefinementCtx): void => {
    if (given(input, [name]).length === 0) return;
    const missing = others.filter((other) => given(input, [other]).length === 0);
    for (const other of missing)
      context.addIssue({ code: 'custom', path: [other], message: `is needed where ${name} is given` });
  };

/** Refuses a request that has none of these fields. */
export const atLeastOneOf =
  (...names: string[]) =>
  (input: object, context: z.RefinementCtx): void => {
    if (given(input, names).length === 0) {
      context.addIssue({
        code: 'custom',
        path: [names[0] ?? ''],
        message: `at least one of ${names.join(', ')} is needed`,
      });
    }
  };
