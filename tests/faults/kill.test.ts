import { freshHome } from '../support/home';
import { type LocalService, startLocalService } from '../support/local-service';

const rounds = 3;
const addsARound = 80;
const people = ['ana', 'ben', 'eva', 'ida', 'leo'];

interface Add {
  userId: string;
  text: string;
  messageId?: string;
}

/** Distinct facts; every third comes with the channel's id of its message. */
const addsOf = (round: number): Add[] =>
  Array.from({ length: addsARound }, (_, i) => ({
    userId: people[i % people.length] ?? '',
    text: `Parcel ${round * addsARound + i} is at the depot.`,
    ...(i % 3 === 0 && { messageId: `parcel-${round}-${i}` }),
  }));

const send = async (service: LocalService, { userId, text, messageId }: Add) =>
  service.call('POST', 'add-memory', { user_id: userId, text, infer: false, message_id: messageId });

async function listAll(service: LocalService, userId: string): Promise<string[]> {
  const texts: string[] = [];
  let cursor = '';
  do {
    const { body } = await service.call('GET', `users/${userId}/memories?limit=100${cursor && `&cursor=${cursor}`}`);
    texts.push(...body.memories.map(({ text }: { text: string }) => text));
    cursor = body.next_cursor ?? '';
  } while (cursor);
  return texts;
}

/** Everything said was sent at once to a Keepsake that is killed without warning, several times over the same folder. */
describe('a process that is killed in the middle of its work', () => {
  const home = freshHome();
  const accepted: Add[] = [];
  const sent: Add[] = [];
  let service: LocalService;
  beforeAll(async () => {
    for (let round = 0; round < rounds; round++) {
      service = await startLocalService(home);
      const adds = addsOf(round);
      sent.push(...adds);
      // Somewhere in the middle, elsewhere in each round.
      const killAfter = 20 + 20 * round;
      let answered = 0;
      let killed = Promise.resolve();
      const attempt = async (add: Add) => {
        const { status } = await send(service, add);
        if (status >= 300) throw new Error(`An add was answered ${status}`);
        accepted.push(add);
        if (++answered === killAfter) killed = service.kill();
      };
      const results = await Promise.allSettled(adds.map(attempt));
      await killed;
      // fetch's way of saying that the connection broke.
      const isCutOff = (result: PromiseSettledResult<void>) =>
        result.status === 'rejected' && (result.reason as Error).name === 'TypeError';
      expect(results.filter((result) => result.status === 'rejected' && !isCutOff(result))).toEqual([]);
      // Some had their answer and some had not, or the kill did not come in the middle.
      expect(answered).toBeGreaterThanOrEqual(killAfter);
      expect(answered).toBeLessThan(addsARound);
    }
    service = await startLocalService(home);
    // A run sends what is due; what was under way is due once its lease is over.
    do await service.call('POST', 'sync', {});
    while ((await service.call('GET', 'health')).body.outbox.waiting > 0);
  }, 120_000);
  afterAll(() => service.kill());

  it('has every write that it accepted, and none twice', async () => {
    for (const userId of people) {
      const texts = await listAll(service, userId);
      expect(texts.length).toBe(new Set(texts).size);
      const missing = accepted.filter((add) => add.userId === userId && !texts.includes(add.text));
      expect(missing).toEqual([]);
      expect(texts.filter((text) => !sent.some((add) => add.userId === userId && add.text === text))).toEqual([]);
    }
  });

  it('finds every one of them once', async () => {
    const lost: Add[] = [];
    for (const add of accepted) {
      const { body } = await service.call('POST', 'search', { user_id: add.userId, query: add.text, limit: 20 });
      const hits = body.results.filter(({ text }: { text: string }) => text === add.text);
      if (hits.length !== 1) lost.push(add);
    }
    expect(lost).toEqual([]);
  }, 60_000);

  it('stores once what is sent again with the same message id, whether it was accepted or not', async () => {
    const again = sent.filter(({ messageId }) => messageId !== undefined);
    for (const add of again) expect((await send(service, add)).status).toBeLessThan(300);
    for (const userId of people) {
      const texts = await listAll(service, userId);
      expect(texts.length).toBe(new Set(texts).size);
      const missing = again.filter((add) => add.userId === userId && !texts.includes(add.text));
      expect(missing).toEqual([]);
    }
    expect((await service.call('GET', 'health')).body).toMatchObject({ status: 'healthy', outbox: { dead: 0 } });
  }, 60_000);
});
