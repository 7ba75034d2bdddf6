import { accessRules } from './access-rules';
import { readInfra } from './bicep';
import { networkRules } from './network-rules';

describe.each([...networkRules, ...accessRules])('in what is deployed $says', ({ complaints, breaks }) => {
  it('as it stands', () => {
    expect(complaints(readInfra())).toEqual([]);
  });

  it.each(breaks)('and it is noticed where %s has other than "%s"', (path, text, instead) => {
    let changed = false;
    const infra = readInfra((name, whole) => {
      if (name !== path || !whole.includes(text)) return whole;
      changed = true;
      return whole.replace(text, () => instead);
    });
    expect(changed).toBe(true);
    expect(complaints(infra)).not.toEqual([]);
  });
});
