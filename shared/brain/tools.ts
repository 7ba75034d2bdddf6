import { z } from 'zod';
import { agentTool, type Outcome, type Speaker, ToolError } from '../chat/tool';
import { ProblemError } from '../http/problem';
import type { MemoryService } from '../memory/memory-contract';
import type { Brain, Fact, SaveReport } from './brain-contract';
import type { EntityIds } from './entity-id';
import { readFact } from './fact-memory';
import { type SpeakerCompanies, toOwnerId } from './speaker-companies';

export interface BrainToolDependencies {
  brain: Pick<Brain, 'saveUserMemories' | 'saveCompanyMemories'>;
  memory: Pick<MemoryService, 'recall'>;
  speakerCompanies: SpeakerCompanies;
  entityIds: EntityIds;
}

/** A memory as an agent reads it. `current`: it is the value that its slug has now, and older memories that say otherwise are over. */
interface FoundMemory {
  id: string;
  text: string;
  type: string;
  createdAt: Date;
  slug?: string;
  current?: true;
}

const search = {
  query: z.string().trim().min(1).max(1000),
  limit: z.number().int().min(1).max(20).default(8),
};
const fact = {
  slug: z
    .string()
    .max(128)
    .regex(/^[a-z][a-z0-9_]*$/, 'must be lower case letters, digits and _'),
  category: z.string().trim().min(1).max(64).default('general'),
  content: z.string().trim().min(1).max(8000),
};
const company_id = z.string().trim().min(1).max(128).optional();

const gives =
  'Gives dated memories, best first; one that says current: true holds now, whatever older ones say. [] when nothing is known; null when ' +
  'memory cannot be reached, which is not the same: then say that you cannot look.';
const which =
  'Leave out company_id where there is one company; where there are several it is one of theirs, and without it you are told which.';
const keeps =
  'one value a slug, so that a new value takes the place of the old one. A slug is lower case with _, as in';

/** Where a chat has no company there is nothing in these that its other tools do not do. */
const isFor = ({ companies }: { companies: unknown[] | null }) => companies !== null && companies.length > 0;

/**
 * What agents may do with what is known of the person who speaks, and of the companies where they have a session. Nobody names a person: it is
 * the speaker; and a company that is not among theirs is refused as `no_company_session`, whether or not there is one.
 */
export function createBrainTools({ brain, memory, speakerCompanies, entityIds }: BrainToolDependencies) {
  const recall = async (userId: string, { query, limit }: { query: string; limit: number }, { deadline }: Speaker) => {
    const { value } = await memory.recall({ userId, query, limit }, deadline);
    const memories = value?.filter((found) => found.memory.type !== 'tool_usage').map((found) => toFound(found.memory));
    return { memories: memories ?? null };
  };

  /** The company that is meant, of those where the speaker has a session now. */
  const companyOf = async (asked: string | undefined, { userId }: Speaker): Promise<string> => {
    const companies = await speakerCompanies(userId);
    const [only, another] = companies;
    if (asked !== undefined) {
      const id = toOwnerId(entityIds, 'companies', asked);
      if (id !== null && companies.some((company) => company.id === id)) return id;
      throw new ToolError('no_company_session', { companies });
    }
    if (only === undefined) throw new ToolError('no_company_session');
    if (another !== undefined) throw new ToolError('which_company', { companies });
    return only.id;
  };

  return {
    search_user_memory: agentTool({
      description: `Looks for what is known of the person you talk with, by meaning and by words. ${gives}`,
      input: z.strictObject(search),
      isFor,
      run: async (asked, speaker) => {
        // Facts are kept under the one way to write an id.
        const userId = toOwnerId(entityIds, 'users', speaker.userId) ?? speaker.userId;
        return { result: await recall(userId, asked, speaker) };
      },
    }),
    save_user_memory: agentTool({
      description: `Keeps a fact about the person you talk with, when they tell you it: ${keeps} user_email. Gives slug and whether it was created, updated or unchanged.`,
      input: z.strictObject(fact),
      isFor,
      run: async (given, { userId, deadline }) =>
        saved(given.slug, () => brain.saveUserMemories(userId, [toFact(given)], deadline)),
    }),
    search_company_memory: agentTool({
      description: `Looks for what is known of a company that the person you talk with works for, by meaning and by words. ${which} ${gives}`,
      input: z.strictObject({ ...search, company_id }),
      isFor,
      run: async ({ company_id: asked, ...query }, speaker) => {
        const companyId = await companyOf(asked, speaker);
        return { result: { companyId, ...(await recall(companyId, query, speaker)) } };
      },
    }),
    save_company_memory: agentTool({
      description: `Keeps a fact about a company that the person you talk with works for, when they tell you it: ${keeps} company_tax_regime. ${which} Gives slug and whether it was created, updated or unchanged.`,
      input: z.strictObject({ ...fact, company_id }),
      isFor,
      run: async ({ company_id: asked, ...given }, speaker) => {
        const companyId = await companyOf(asked, speaker);
        const { userId, deadline } = speaker;
        const { result } = await saved(given.slug, () =>
          brain.saveCompanyMemories(companyId, [toFact(given)], deadline, userId),
        );
        return { result: { companyId, ...result } };
      },
    }),
  };
}

export type BrainTools = ReturnType<typeof createBrainTools>;

/** Marked as an agent's: a record that is loaded later takes none of it away. */
const toFact = (given: Pick<Fact, 'slug' | 'category' | 'content'>): Fact => ({
  ...given,
  metadata: { from: 'agent' },
});

function toFound(memory: Parameters<typeof readFact>[0]): FoundMemory {
  const { id, text, type, createdAt, supersededBy } = memory;
  const read = readFact(memory);
  const isCurrent = read !== null && supersededBy === null;
  return { id, text, type, createdAt, ...(read && { slug: read.fact.slug }), ...(isCurrent && { current: true }) };
}

interface Saved {
  slug: string;
  status: 'created' | 'updated' | 'unchanged';
}

async function saved(slug: string, save: () => Promise<SaveReport>): Promise<Outcome<Saved>> {
  const { created, updated, errors } = await save().catch((error) => {
    // The person's id is none of an owner's, or is a company's: nothing that a call could say better.
    if (error instanceof ProblemError && error.status < 500) throw new ToolError('not_saved', { why: error.message });
    throw error;
  });
  const [refused] = errors;
  if (refused?.code === 'no_session') throw new ToolError('no_company_session');
  if (refused) throw new ToolError('not_saved', { why: refused.code });
  return { result: { slug, status: created > 0 ? 'created' : updated > 0 ? 'updated' : 'unchanged' } };
}
