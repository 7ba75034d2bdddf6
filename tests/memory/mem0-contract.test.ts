import { createTestClock } from '../support/clock';
import { createTestMem0 } from '../support/mem0-provider';
import { describeProvider } from './provider-contract';

describe('the Mem0 provider', () => {
  const { now } = createTestClock();
  let mem0: Awaited<ReturnType<typeof createTestMem0>>;
  beforeAll(async () => {
    mem0 = await createTestMem0(now);
  });
  afterAll(() => mem0.server.close());
  describeProvider(() => mem0.provider, now);
});
