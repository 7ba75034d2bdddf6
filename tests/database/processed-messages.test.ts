import { createProcessedMessages, type ProcessedMessages } from '../../shared/memory/processed-messages';
import { overEachEngine } from '../support/databases';

describe('processed messages', () => {
  overEachEngine((database) => {
    let processed: ProcessedMessages;
    beforeAll(() => {
      processed = createProcessedMessages(database());
    });

    it('know nothing of a message that was not kept', async () => {
      expect(await processed.find('ana', 'chat', 'm-1')).toBeNull();
    });

    it('keep the first answer', async () => {
      const first = { reply: 'ñ "quoted"', nested: { list: [1, null] } };
      expect(await processed.keep('ana', 'chat', 'm-2', first)).toEqual(first);
      expect(await processed.keep('ana', 'chat', 'm-2', { reply: 'second' })).toEqual(first);
      expect(await processed.find('ana', 'chat', 'm-2')).toEqual(first);
    });

    it('give every one of many at once the same answer', async () => {
      const answers = Array.from({ length: 8 }, (_, i) => processed.keep('ana', 'chat', 'm-3', { i }));
      const [first, ...others] = await Promise.all(answers);
      for (const other of others) expect(other).toEqual(first);
    });

    it('tell people and doors apart', async () => {
      await processed.keep('ana', 'chat', 'm-4', 'hers');
      expect(await processed.find('ben', 'chat', 'm-4')).toBeNull();
      expect(await processed.find('ana', 'add-memory', 'm-4')).toBeNull();
    });
  });
});
