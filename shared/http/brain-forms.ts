import { z } from 'zod';
import type { Owner } from '../brain/brain-contract';
import { owner, refuseUser } from './brain';
import { toSnake } from './case';
import * as fields from './fields';

/** Forms that become facts. Every field of a template may be answered: with text, a number or a boolean; null or '' says nothing. */

/** What may be answered, by kind of owner. */
type Templates = Record<Owner['kind'], readonly { field: string }[]>;

const isDay = z.iso.date('must be a day: YYYY-MM-DD');
const special: Record<string, z.ZodType> = {
  email: z.email('must be an e-mail address').max(254),
  startDate: isDay,
  accountingStart: isDay,
};
const anything = z.union([fields.text(1_000), z.number(), z.boolean()], 'must be text, a number or a boolean');

const answers = (templates: readonly { field: string }[]): Record<string, z.ZodType> =>
  Object.fromEntries(
    templates.map(({ field }) => {
      const said = (special[field] ?? anything).nullable();
      return [toSnake(field), z.preprocess((given) => (given === '' ? null : given), said).optional()];
    }),
  );

export const toOnboardingSchema = ({ users, companies }: Templates) =>
  z
    .strictObject({
      person: z.strictObject({ id: fields.label(), ...answers(users) }).optional(),
      company: z.strictObject({ id: fields.label(), ...answers(companies) }).optional(),
    })
    .refine(({ person, company }) => person !== undefined || company !== undefined, {
      path: ['person'],
      message: 'is needed where there is no company',
    });

export const toSettingsSchema = ({ users, companies }: Templates) => {
  const ofKind = (kind: Owner['kind'], values: Record<string, z.ZodType>) =>
    z.strictObject({
      ...{ ...owner, kind: z.literal(kind) },
      before: z.strictObject(values).optional(),
      after: z.strictObject(values),
    });
  return z
    .discriminatedUnion('kind', [ofKind('users', answers(users)), ofKind('companies', answers(companies))])
    .superRefine(refuseUser);
};
