import { IndexError, type SearchIndex } from '../../shared/search/index';

/** An index that nobody reaches: while `isSilent` it answers nothing until the call is given up, else it refuses at once. */
export const createUnreachableIndex = () => {
  const state = { isSilent: false };
  const method = (...args: unknown[]) =>
    new Promise<never>((_, reject) => {
      const giveUp = () => reject(new IndexError('embedded', state.isSilent ? 'timeout' : 'unavailable'));
      if (state.isSilent) (args.at(-1) as AbortSignal).addEventListener('abort', giveUp);
      else giveUp();
    });
  const fields = new Map<string | symbol, unknown>([
    ['name', 'embedded'],
    ['circuit', undefined],
  ]);
  const get = (_: SearchIndex, key: string | symbol) => (fields.has(key) ? fields.get(key) : method);
  return { index: new Proxy({} as SearchIndex, { get }), state };
};
