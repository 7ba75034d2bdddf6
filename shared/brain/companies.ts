import { companies } from '../database/schema-brain';
import { createRecords, type RecordDependencies, type Records } from './records';

/** What the caller's own system knows of a company. */
export type Company = typeof companies.$inferSelect;

export const createCompanies = (dependencies: RecordDependencies): Records<Company> =>
  createRecords<Company>(dependencies, { kind: 'companies', table: companies, key: companies.companyId });
