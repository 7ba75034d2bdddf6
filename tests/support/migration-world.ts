import { toNewMetadata } from '../../shared/memory/mem0-mapping';
import { aNewMemory } from './memories';
import type { Mem0Server } from './mem0-server';
import type { ZepServer } from './zep-server';

export interface World {
  people: number;
  /** Of each person, in sessions of 25, and the memories between them. */
  messages: number;
  memories: number;
}

const perSession = 25;
const start = Date.UTC(2026, 0, 1);

/** Puts a world into a loopback Mem0: turns that Keepsake wrote, and memories of the vendor's own of which Keepsake knows nothing. */
export function seedMem0({ store }: Mem0Server, { people, messages, memories }: World): void {
  for (let p = 0; p < people; p++) {
    const userId = `person-${p}`;
    const perGap = Math.ceil((memories * perSession) / messages);
    for (let m = 0, k = 0; m < messages; m++) {
      const minute = p + 60 * m;
      const isLong = m % 97 === 13;
      const text = `${userId}, turn ${m}: parcel ${m * 7} ${isLong ? 'goes on and on, '.repeat(300) : 'is at the depot.'}`;
      const at = new Date(start + minute * 60_000 + 123);
      const speaker = m % 2 === 0 ? null : 'assistant';
      const write = aNewMemory({
        userId,
        at,
        type: 'conversation',
        sessionId: `${userId}-${Math.floor(m / perSession)}`,
      });
      const utterances = [{ role: 'user' as const, name: speaker, content: text, at }];
      const metadata = JSON.parse(
        JSON.stringify(toNewMetadata({ ...write, utterances, tags: [], metadata: { turn: m } })),
      );
      store.keep({ user_id: userId, messages: [], metadata, timestamp: at.getTime() / 1_000 }, [
        { role: 'user', content: text },
      ]);
      if (m % perSession !== perSession - 1) continue;
      for (let n = 0; n < perGap && k < memories; n++, k++) {
        const timestamp = (start + (minute + 1 + n) * 60_000) / 1_000;
        const type = ['preference', 'goal', 'insights', 'mood'][k % 4];
        store.keep({ user_id: userId, messages: [], metadata: { type, number: k }, timestamp }, [
          { role: 'user', content: `${userId} fact ${k}: locker ${k} is theirs.` },
        ]);
      }
    }
  }
}

/** What the vendors' own stores say of a migration; nothing of it goes through Keepsake. */
export function compareStores(mem0: Mem0Server, zep: ZepServer) {
  const atOf = ({ metadata, created_at }: Mem0Server['store']['rows'][number]) =>
    Date.parse((metadata?.keepsake as { at: string } | undefined)?.at ?? created_at);
  const expected = new Map(mem0.store.rows.map((row) => [`${row.user_id} ${row.memory}`, atOf(row)]));
  const found = new Map<string, { text: string; at: number; times: number; pieces: Set<number> }>();
  const latest = new Map<string, number>();
  let outOfOrder = 0;
  for (const { userId, episode } of zep.store.all()) {
    const { keepsake_id: id, keepsake_piece: piece } = episode.metadata as {
      keepsake_id: string;
      keepsake_piece: number;
    };
    const at = Date.parse(episode.created_at);
    if (at < (latest.get(userId) ?? 0)) outOfOrder++;
    latest.set(userId, at);
    const known = found.get(`${userId} ${id}`) ?? { text: '', at, times: 1, pieces: new Set() };
    if (known.pieces.has(piece)) known.times++;
    else known.text += episode.content;
    known.pieces.add(piece);
    found.set(`${userId} ${id}`, known);
  }
  const times = new Map<string, number>();
  let changedTimes = 0;
  let strange = 0;
  for (const [key, each] of found) {
    const text = `${key.slice(0, key.indexOf(' '))} ${each.text}`;
    const at = expected.get(text);
    if (at === undefined) strange++;
    else if (at !== each.at) changedTimes++;
    times.set(text, (times.get(text) ?? 0) + each.times);
  }
  const keys = [...expected.keys()];
  return {
    items: expected.size,
    lost: keys.filter((key) => !times.has(key)).length,
    twice: keys.filter((key) => (times.get(key) ?? 0) > 1).length,
    ...{ strange, changedTimes, outOfOrder },
  };
}
