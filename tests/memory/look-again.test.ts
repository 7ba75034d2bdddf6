import { createLookAgain } from '../../shared/memory/look-again';

describe('looking again', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const start = (look: (userId: string) => Promise<void> = async () => undefined) => {
    const looks: string[] = [];
    const again = createLookAgain(
      (userId) => {
        looks.push(userId);
        return look(userId);
      },
      { everyMs: 100, times: 3 },
    );
    return { again, looks };
  };

  /** A look that lasts until `finish`. */
  const aLongLook = () => {
    let end: () => void = () => undefined;
    const look = () =>
      new Promise<void>((resolve) => {
        end = resolve;
      });
    return { look, finish: () => end() };
  };

  it('goes on until everything of the person is done', async () => {
    const { again, looks } = start();
    again.open('ana', 'one');
    again.open('ana', 'two');
    await jest.advanceTimersByTimeAsync(100);
    again.done('ana', 'one');
    await jest.advanceTimersByTimeAsync(100);
    again.done('ana', 'two');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toEqual(['ana', 'ana']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends after so many looks, and begins anew with something new', async () => {
    const { again, looks } = start();
    again.open('ana', 'one');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toHaveLength(3);
    again.open('ana', 'two');
    await jest.advanceTimersByTimeAsync(200);
    again.open('ana', 'two');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toHaveLength(6);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('looks on where one look failed, and after each person by itself', async () => {
    const { again, looks } = start(async (userId) => {
      if (userId === 'ana') throw new Error('unreachable');
    });
    again.open('ana', 'one');
    again.open('ben', 'one');
    again.done('ben', 'one');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toEqual(['ana', 'ana', 'ana']);
  });

  it('looks once at a time, also after something was done and something new came up during a look', async () => {
    const { look, finish } = aLongLook();
    const { again, looks } = start(look);
    again.open('ana', 'one');
    await jest.advanceTimersByTimeAsync(100);
    again.done('ana', 'one');
    again.open('ana', 'two');
    finish();
    await jest.advanceTimersByTimeAsync(100);
    expect(looks).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('begins nothing more once it is stopped, not even after a look that was under way', async () => {
    const { look, finish } = aLongLook();
    const { again, looks } = start(look);
    again.open('ana', 'one');
    again.open('ben', 'one');
    await jest.advanceTimersByTimeAsync(100);
    again.stop();
    finish();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toEqual(['ana', 'ben']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
