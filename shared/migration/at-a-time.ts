/** Does `work` for each item, `atMost` at a time. Rejects with the first error, once what was under way has ended; then nothing new begins. */
export async function atATime<T>(
  items: AsyncIterable<T> | Iterable<T>,
  atMost: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  // An iterator is asked for one item at a time.
  let turn: Promise<unknown> = Promise.resolve();
  const next = (): Promise<IteratorResult<T>> => {
    const asked = turn.catch(() => undefined).then(() => iterator.next());
    turn = asked;
    return asked;
  };
  const failures: unknown[] = [];
  const worker = async () => {
    try {
      for (let item = await next(); !item.done && failures.length === 0; item = await next()) await work(item.value);
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: atMost }, worker));
  if (failures.length > 0) throw failures[0];
}

export async function* flat<T>(pages: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page;
}
