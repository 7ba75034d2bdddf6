import { z } from 'zod';
import type { Metadata } from '../memory/memory';
import * as fields from './fields';

/** Records of people and companies, as a door and the lines of a file give them: whole, and what is not known left out, null or empty. */

const known = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((given) => (given === '' ? null : given), schema.nullish()).transform((value) => value ?? null);

const day = z.iso.date('must be a day: YYYY-MM-DD');
const common = { id: fields.label(), metadata: fields.metadata.default({}) };

export const profile = z.strictObject({
  ...common,
  full_name: known(fields.text(200)),
  email: known(z.email('must be an e-mail address').max(254)),
  phone: known(fields.text(64)),
  role: known(fields.text(200)),
});

export const company = z.strictObject({
  ...common,
  name: known(fields.text(200)),
  tax_regime: known(fields.text(200)),
  activity: known(fields.text(1_000)),
  legal_representative: known(fields.text(200)),
  start_date: known(day),
  accounting_start: known(day),
});

/** What such a record says, as it is kept. */
export const toRecord = <Given extends { id: string; metadata?: Metadata }>({
  id,
  metadata = {},
  ...known
}: Given) => ({
  id,
  record: { ...known, metadata },
});
