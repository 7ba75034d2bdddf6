import type { Conversations } from './conversations-contract';
import { createFinding, type FindingDependencies } from './finding';
import { createStoring, type StoringDependencies } from './storing';

/** Calls: kept in our own database, sent to the provider through the outbox, found by phone, name or session. */
export const createConversations = (dependencies: FindingDependencies & StoringDependencies): Conversations => ({
  ...createStoring(dependencies),
  find: createFinding(dependencies),
});
