import { cut } from '../chat/cut';
import { fold } from '../embedding/stop-words';
import type { Language } from '../embedding/terms';
import type { Exchange } from './conversations-contract';
import type { LeadVersion } from './lead-contract';
import {
  bounds,
  buying,
  highest,
  leftOpen,
  levels,
  question,
  type RuleName,
  reschedule,
  ruleNames,
  sentences,
  takenBack,
} from './recommendation-rules';

/** What an agent had better do, and why. */
export interface Recommendation {
  rule: RuleName;
  /** In the caller's language. */
  text: string;
  /** Ids of the exchanges, or of the leads, that it rests on; oldest first, never empty. */
  evidence: string[];
}

/** One person's history, oldest first. */
export interface History {
  exchanges: Pick<Exchange, 'id' | 'sessionId' | 'query' | 'answer' | 'at'>[];
  leads: Pick<LeadVersion, 'leadId' | 'sessionId' | 'data' | 'at'>[];
  now: Date;
}

type Found = { evidence: string[]; count?: number; days?: number; quote?: string } | null;

const dayMs = 86_400_000;
const maxQuote = 160;
const plain = (text: string) => fold(text.toLowerCase().replace(/[’ʼ]/g, "'"));

/** Whether a text has a phrase that is not taken back by what stands before it in its clause. */
function says(text: string, phrase: RegExp): boolean {
  return plain(text)
    .split(/[.,;:!?¡¿\n]/)
    .some((clause) => {
      const found = phrase.exec(clause);
      return found !== null && !takenBack.test(clause.slice(0, found.index));
    });
}

/** Asking, and answering the agent who asks back, is one request. */
function rescheduledTwice({ exchanges }: History): Found {
  const asks = exchanges.map(({ query }) => says(query, reschedule));
  const first = exchanges.filter(
    ({ sessionId }, i) => asks[i] && !(asks[i - 1] && exchanges[i - 1]?.sessionId === sessionId),
  );
  return first.length >= bounds.reschedules ? { evidence: first.map(({ id }) => id), count: first.length } : null;
}

const levelOf = ({ data: { interest_level: level } }: History['leads'][number]): number | null =>
  typeof level === 'string' ? (levels.get(plain(level).trim()) ?? null) : null;

/** The last change of a lead's level was upwards. */
function levelRising({ leads }: History): Found {
  const known = leads.flatMap((lead) => {
    const level = levelOf(lead);
    return level === null ? [] : [{ id: lead.leadId, level }];
  });
  const last = known.at(-1);
  const before = known.findLast(({ level }) => level !== last?.level);
  return last && before && before.level < last.level ? { evidence: [...new Set([before.id, last.id])] } : null;
}

function buyingRising({ exchanges }: History): Found {
  const buys = exchanges.map(({ id, query }) => (says(query, buying) ? id : null));
  const half = Math.floor(buys.length / 2);
  const [earlier, later] = [buys.slice(0, half), buys.slice(half)].map((ids) => ids.filter((id) => id !== null));
  const isRising = later && earlier && later.length >= Math.max(bounds.buying, earlier.length + bounds.buyingMore);
  return isRising ? { evidence: later } : null;
}

function unansweredQuestion({ exchanges }: History): Found {
  const last = exchanges.findLast(({ query }) => question.test(plain(query).trim()));
  const isOpen = last && (last.answer.trim() === '' || leftOpen.test(plain(last.answer)));
  if (!isOpen) return null;
  const said = last.query.trim();
  return { evidence: [last.id], quote: said.length > maxQuote ? `${cut(said, maxQuote - 1)}…` : said };
}

/** Any later session is a follow-up. */
function withoutFollowUp({ exchanges, leads, now }: History): Found {
  const lead = leads.findLast((one) => levelOf(one) !== null);
  if (!lead || levelOf(lead) !== highest) return null;
  const days = Math.floor((now.getTime() - lead.at.getTime()) / dayMs);
  const isFollowed = [...exchanges, ...leads].some(({ sessionId, at }) => sessionId !== lead.sessionId && at > lead.at);
  return days >= bounds.followUpDays && !isFollowed ? { evidence: [lead.leadId], days } : null;
}

const rules: Record<RuleName, (history: History) => Found> = {
  rescheduled_twice: rescheduledTwice,
  interest_rising: (history) => levelRising(history) ?? buyingRising(history),
  unanswered_question: unansweredQuestion,
  high_interest_lead_without_follow_up: withoutFollowUp,
};

/** What follows from a person's history by rule, in the rules' order; at most one a rule. Pure: no model, no clock but `now`. */
export function recommend({ exchanges, leads, now }: History, language: Language): Recommendation[] {
  const since = now.getTime() - bounds.days * dayMs;
  const isRecent = ({ at }: { at: Date }) => at.getTime() >= since;
  const history = { exchanges: exchanges.filter(isRecent), leads: leads.filter(isRecent), now };
  return ruleNames.flatMap((rule) => {
    const found = rules[rule](history);
    if (!found) return [];
    const { evidence, count = 0, days = 0, quote = '' } = found;
    return [{ rule, text: sentences[rule][language]({ count, days, quote }), evidence }];
  });
}
