import { createTestClock } from '../support/clock';
import { createTestZep } from '../support/zep-provider';
import { describeProvider } from './provider-contract';

describe('the Zep provider', () => {
  const { now } = createTestClock();
  let zep: Awaited<ReturnType<typeof createTestZep>>;
  beforeAll(async () => {
    zep = await createTestZep(now);
  });
  afterAll(() => zep.close());
  describeProvider(() => zep.provider, now);
});
