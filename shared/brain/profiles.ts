import { profiles } from '../database/schema-brain';
import { createRecords, type RecordDependencies, type Records } from './records';

/** What the caller's own system knows of a person. */
export type Profile = typeof profiles.$inferSelect;

export const createProfiles = (dependencies: RecordDependencies): Records<Profile> =>
  createRecords<Profile>(dependencies, { kind: 'users', table: profiles, key: profiles.userId });
