import { contentHash } from '../../shared/search/content-hash';
import { aMemory } from '../support/points';

describe('contentHash', () => {
  const memory = aMemory('ana', 'My locker is number 12.', { metadata: { a: 1, b: { c: [1, 2], d: null } } });

  it('is the same for the same content, whatever the order of keys, the id and the time of the last change', () => {
    const same = { ...memory, id: 'other', updatedAt: new Date(0), metadata: { b: { d: null, c: [1, 2] }, a: 1 } };
    expect(contentHash(same)).toBe(contentHash(memory));
    expect(contentHash(memory)).toMatch(/^[\w-]{16}$/);
  });

  it.each<[string, object]>([
    ['text', { text: 'My locker is number 13.' }],
    ['type', { type: 'preference' }],
    ['topic', { topic: null }],
    ['tags', { tags: ['gym'] }],
    ['metadata', { metadata: { a: 2 } }],
    ['order of a list in metadata', { metadata: { a: 1, b: { c: [2, 1], d: null } } }],
    ['session', { sessionId: 's' }],
    ['speaker', { speaker: 'Ana' }],
    ['when it was said', { createdAt: new Date(1) }],
    ['expiry', { expiresAt: new Date(1) }],
    ['what replaced it', { supersededBy: 'm2' }],
  ])('differs by %s', (_, change) => {
    expect(contentHash({ ...memory, ...change })).not.toBe(contentHash(memory));
  });
});
