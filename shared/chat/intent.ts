import type { GoalStatus } from './goals';
import type { Language } from './personalities/personality';
import type { PreferenceName } from './preferences';
import type { Target } from './streak';

/** One thing that somebody wants or tells. */
export type Intent =
  | { kind: 'crisis' | 'greeting' | 'thanks' | 'help' | 'overview' | 'list_goals' | 'good' | 'bad' }
  | { kind: 'goal'; title: string; target: Target | null }
  | { kind: 'goal_change'; words: string; change: { status?: GoalStatus; target?: Target } }
  | { kind: 'check_in'; mood?: number; energy?: number; note?: string }
  | { kind: 'out_of_scale' }
  /** Something was done; which goal it counts for depends on the goals. `isNamed` is false for "did it today". */
  | { kind: 'report'; words: string; activities: string[]; isNamed: boolean; daysAgo: 0 | 1 }
  | { kind: 'preference'; name: PreferenceName; value: string; words: string }
  | { kind: 'remember'; type: 'preference' | 'fact'; words: string }
  /** What is right instead of what was told; null where they only said that it is wrong. */
  | { kind: 'correction'; words: string | null }
  /** `isDoubtful`: "that" may be what the same message said before. */
  | { kind: 'forget'; what: 'last' | 'everything'; isDoubtful?: boolean; about?: undefined }
  | { kind: 'forget'; about: string; what?: undefined }
  | { kind: 'question'; words: string };

export interface Understanding {
  language: Language;
  /** In the order of the message; [] when it only tells something. */
  intents: Intent[];
}
