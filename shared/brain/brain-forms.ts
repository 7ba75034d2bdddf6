import type { Deadline } from '../resilience/deadline';
import type { Brain, Fact, Owner, SaveReport } from './brain-contract';
import { toOnboardingFacts } from './onboarding';
import { toSettingsChange } from './settings-change';

/** Answers by field of `formTemplates`: text, numbers, and booleans for yes and no. */
type Answers = Record<string, unknown>;

export interface OnboardingForm {
  person?: { id: string } & Answers;
  company?: { id: string } & Answers;
}

export interface SettingsChange extends Owner {
  /** For whom it is done, of a company's settings; see `Brain`. */
  userId?: string;
  before?: Answers;
  after: Answers;
}

/** Forms that become facts. Both throw ProblemError as `Brain` does; sent again, they write nothing twice. */
export interface BrainForms {
  /** By owner, of those that the form is about. */
  onboard(form: OnboardingForm, deadline: Deadline): Promise<{ person?: SaveReport; company?: SaveReport }>;
  /** With how many facts were deleted because their settings were emptied. */
  change(change: SettingsChange, deadline: Deadline): Promise<SaveReport & { deleted: number }>;
}

const nothing: SaveReport = { success: true, savedCount: 0, failedCount: 0, errors: [], created: 0, updated: 0 };

export function createBrainForms({ brain }: { brain: Brain }): BrainForms {
  const save = async ({ kind, id }: Owner, facts: Fact[], deadline: Deadline, asUser?: string): Promise<SaveReport> => {
    if (facts.length === 0) return nothing;
    return kind === 'users'
      ? brain.saveUserMemories(id, facts, deadline)
      : brain.saveCompanyMemories(id, facts, deadline, asUser);
  };

  return {
    onboard: async ({ person, company }, deadline) => {
      const keep = (kind: Owner['kind'], { id, ...answers }: { id: string } & Answers) =>
        save({ kind, id }, toOnboardingFacts(kind, answers), deadline);
      const [ofPerson, ofCompany] = await Promise.all([
        person && keep('users', person),
        company && keep('companies', company),
      ]);
      return { ...(ofPerson && { person: ofPerson }), ...(ofCompany && { company: ofCompany }) };
    },
    change: async ({ kind, id, userId, before = {}, after }, deadline) => {
      const { facts, removed } = toSettingsChange(kind, before, after);
      const report = await save({ kind, id }, facts, deadline, userId);
      const deletions = await Promise.all(removed.map((slug) => brain.delete({ kind, id }, slug, deadline, userId)));
      return { ...report, deleted: deletions.filter((wasThere) => wasThere).length };
    },
  };
}
