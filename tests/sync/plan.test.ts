import type { Memory } from '../../shared/memory/memory';
import { contentHash } from '../../shared/search/content-hash';
import type { PointMark } from '../../shared/search/index';
import { findOrphans, planChanges } from '../../shared/sync/plan';
import { aMemory, now } from '../support/points';

const hashed = (memory: Memory) => ({ memory, hash: contentHash(memory) });
const marksOf = (memories: Memory[], changes: Partial<PointMark> = {}) =>
  new Map(memories.map((memory) => [memory.id, { hash: contentHash(memory), provisional: false, ...changes }]));
const nothing = new Set<string>();

describe('planChanges', () => {
  const [tea, rain] = [aMemory('ana', 'I like tea.'), aMemory('ana', 'I like rain.')];

  it('writes what is new and what changed, and leaves the rest', () => {
    const changed = { ...rain, text: 'I like snow.' };
    const snow = aMemory('ana', 'It snowed.');
    const plan = planChanges([tea, changed, snow].map(hashed), marksOf([tea, rain]), nothing, now);
    expect(plan).toEqual({ write: [changed, snow], remove: [], missing: 1 });
  });

  it('does nothing for a person who is up to date', () => {
    expect(planChanges([tea, rain].map(hashed), marksOf([tea, rain]), nothing, now)).toEqual({
      ...{ write: [], remove: [], missing: 0 },
    });
  });

  it('removes what has expired, and does not write it', () => {
    const expired = { ...tea, expiresAt: now };
    const lasting = { ...rain, expiresAt: new Date(now.getTime() + 1) };
    const plan = planChanges([expired, lasting].map(hashed), marksOf([tea]), nothing, now);
    expect(plan).toEqual({ write: [lasting], remove: [tea.id], missing: 1 });
    expect(planChanges([hashed(expired)], new Map(), nothing, now)).toEqual({ write: [], remove: [], missing: 0 });
  });

  it('keeps what was replaced, with what replaced it', () => {
    const replaced = { ...tea, supersededBy: rain.id };
    expect(planChanges([hashed(replaced)], marksOf([tea]), nothing, now).write).toEqual([replaced]);
  });

  it('writes over a provisional point', () => {
    expect(planChanges([hashed(tea)], marksOf([tea], { provisional: true }), nothing, now).write).toEqual([tea]);
  });

  it('leaves alone what a write on its way is about', () => {
    const marks = marksOf([rain], { provisional: true });
    const held = new Set([tea.id, rain.id]);
    expect(planChanges([tea, rain].map(hashed), marks, held, now)).toEqual({ write: [], remove: [], missing: 0 });
  });
});

describe('findOrphans', () => {
  it('names the points that nothing stands behind: no memory, and no write on its way', () => {
    const [tea, rain, snow] = ['tea', 'rain', 'snow'].map((word) => aMemory('ana', `I like ${word}.`));
    if (!tea || !rain || !snow) throw new Error('three were made');
    const marks = marksOf([tea, rain, snow]);
    expect(findOrphans(marks, new Set([tea.id]), new Set([snow.id]))).toEqual([rain.id]);
  });
});
