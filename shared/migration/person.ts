import { derivedId } from '../memory/derived-id';
import type { MemoryProvider } from '../memory/provider';
import type { Checkpoints, Earlier, Held, ItemRow } from './checkpoints';
import { hashOfItem } from './item';
import { type Mapping, type SourceRecord, toItem, toUserRole } from './mapping';
import type { MigrationItem, MigrationRequest } from './migration-contract';
import type { Pace } from './pace';
import { createSending, type Outgoing } from './sending';
import type { Source } from './source';

export interface MovingOptions {
  held: Held;
  checkpoints: Checkpoints;
  source: Source;
  target: MemoryProvider;
  pace: Pace;
  mapping: Mapping;
  request: Pick<MigrationRequest, 'role'>;
  now: () => Date;
  lateMs: number;
}

/** The person's role as an item of its own, dated as the first thing known of them. */
const toRoleItem = (mapping: Mapping, said: string, first: MigrationItem | undefined, at: Date, userId: string) => {
  const role = toUserRole(mapping, said);
  const unmapped = mapping.user_roles[said] ? [] : [`user_role:${said}`];
  return {
    ...{ sourceId: `role:${userId}`, userId, kind: 'metadata' as const, role: 'system' as const, type: 'metadata' },
    ...{ content: `role: ${role}`, metadata: { role }, topic: null, tags: [], sessionId: null, speaker: null },
    ...{ createdAt: first?.createdAt ?? at, expiresAt: null, supersededBy: null, unmapped },
  } satisfies MigrationItem;
};

/** How an item begins: brought already, to be changed, or to be sent. What was rolled back is another operation: targets keep the first one's. */
function toRow(item: MigrationItem, position: number, target: string, earlier: Earlier[]): Omit<ItemRow, 'runId'> {
  const { userId, sourceId, kind, sessionId, createdAt: sourceCreatedAt, unmapped } = item;
  const contentHash = hashOfItem(item);
  const brought = earlier.findLast(({ state }) => ['done', 'stored', 'present', 'rolled_back'].includes(state));
  const isThere = brought !== undefined && brought.state !== 'rolled_back';
  const undone = earlier.filter(({ state }) => state === 'rolled_back').map(({ runId }) => runId);
  const operationId = derivedId('migration', target, userId, sourceId, ...undone);
  const underWay = !isThere && earlier.find((other) => other.state === 'sent' && other.operationId === operationId);
  return {
    ...{ userId, sourceId, position, kind, sessionId, sourceCreatedAt, unmapped, contentHash, operationId },
    state: isThere && brought.contentHash === contentHash ? 'present' : underWay ? 'sent' : 'planned',
    targetIds: isThere ? brought.targetIds : [],
    reason: null,
    sentAt: null,
  };
}

/** Moves people, one at a time each: `move` resolves once every item of theirs is settled. */
export function createMoving(options: MovingOptions) {
  const { held, checkpoints, source, target, pace, mapping, request, now, lateMs } = options;
  const { run } = held;
  const sending = createSending({ target, pace, mark: held.mark, now, lateMs });

  const plan = async (userId: string, records: SourceRecord[], from: number): Promise<MigrationItem[]> => {
    const items = records.map((record) => toItem(mapping, record));
    if (from === 0 && request.role) items.unshift(toRoleItem(mapping, request.role, items[0], run.startedAt, userId));
    const ids = items.map(({ sourceId }) => sourceId);
    const earlier = new Map<string, Earlier[]>(ids.map((id) => [id, []]));
    for (const other of await checkpoints.earlier(run, userId, ids)) earlier.get(other.sourceId)?.push(other);
    const rows = items.map((item, i) => toRow(item, from + i, run.target, earlier.get(item.sourceId) ?? []));
    await held.plan(userId, rows);
    return items;
  };

  const send = async (userId: string, items: MigrationItem[], signal: AbortSignal) => {
    const rows = await checkpoints.itemsOf(
      run.id,
      userId,
      items.map(({ sourceId }) => sourceId),
    );
    const byId = new Map(items.map((item) => [item.sourceId, item]));
    const open = rows.flatMap((row): Outgoing[] => {
      const item = byId.get(row.sourceId);
      return item ? [{ item, row }] : [];
    });
    const sent = open.filter(({ row }) => row.state === 'sent');
    const lost = new Set(await sending.settleSent(sent, signal));
    const toSend = open.filter((each) => each.row.state === 'planned' || lost.has(each));
    await sending.sendInOrder(toSend, signal);
  };

  /** Once all are there: what superseded an item is named by its id at the target. */
  const tie = async (userId: string, superseded: ReadonlyMap<string, string>, signal: AbortSignal) => {
    const ids = [...new Set([...superseded].flat())];
    const rows = new Map((await checkpoints.itemsOf(run.id, userId, ids)).map((row) => [row.sourceId, row]));
    for (const [sourceId, successor] of superseded) {
      const row = rows.get(sourceId);
      const [id] = row?.targetIds ?? [];
      if (id === undefined || (row?.state !== 'stored' && row?.state !== 'present')) continue;
      const supersededBy = toSupersededBy(successor, rows.get(successor));
      const there = await pace.insist((within) => target.get(id, within), signal);
      if (there && there.supersededBy !== supersededBy)
        await pace.insist((within) => target.update(id, { supersededBy }, within), signal);
      if (row.state === 'stored') await held.mark([{ userId, sourceId, state: 'done' }]);
    }
  };

  return {
    move: async (userId: string, signal: AbortSignal): Promise<void> => {
      const begun = await held.isBegun(userId);
      if (begun === 'done') return;
      if (begun === 'new') await held.plan(userId, []);
      const superseded = new Map<string, string>();
      let position = 0;
      for await (const records of source.recordsOf(userId, signal)) {
        const items = await plan(userId, records, position);
        position += items.length;
        for (const { sourceId, supersededBy } of items) if (supersededBy) superseded.set(sourceId, supersededBy);
        await send(userId, items, signal);
      }
      if (superseded.size > 0) await tie(userId, superseded, signal);
      await held.finishPerson(userId);
    },
  };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The successor's id at the target; one that is not brought along keeps its own: the older memory is not to come to life again for it. */
export const toSupersededBy = (successor: string, row: Pick<ItemRow, 'targetIds'> | undefined): string | null =>
  row?.targetIds[0] ?? (uuid.test(successor) ? successor : null);
