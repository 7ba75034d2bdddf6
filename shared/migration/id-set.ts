import { createHash } from 'node:crypto';

/**
 * A set of ids that takes some 16 bytes an id, of whatever length they are: of each 64 bits of its hash. Two of ten million ids would be
 * taken for one with a chance of 1 in 400,000.
 */
export function createIdSet(): { add(id: string): boolean } {
  let slots = new BigUint64Array(1 << 16);
  let size = 0;

  const place = (into: BigUint64Array, key: bigint): number => {
    const mask = into.length - 1;
    let slot = Number(key & 0xffff_ffffn) & mask;
    while (into[slot] !== 0n && into[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  };
  const grow = () => {
    const larger = new BigUint64Array(slots.length * 2);
    for (const key of slots) if (key !== 0n) larger[place(larger, key)] = key;
    slots = larger;
  };

  return {
    /** Whether it was new. */
    add: (id) => {
      // 0 marks an empty slot.
      const key = createHash('sha1').update(id).digest().readBigUInt64LE() || 1n;
      const slot = place(slots, key);
      if (slots[slot] === key) return false;
      slots[slot] = key;
      size++;
      if (size * 2 > slots.length) grow();
      return true;
    },
  };
}
