import { keepsake } from '../support/cli';
import { aDeadline, createTestService } from '../support/service';

describe('keepsake sync, reconcile and doctor', () => {
  const { container, provider, clock, close } = createTestService();
  const call = (...args: string[]) => keepsake(args, { services: container });
  afterAll(close);
  afterEach(() => {
    provider.fault = () => null;
    clock.turn(1_000);
  });

  /** Two people of whom the provider knows what the index does not. */
  beforeAll(async () => {
    for (const userId of ['ana', 'ben']) {
      const utterances = [
        { role: 'user' as const, name: null, content: `My locker is number 12, says ${userId}.`, at: null },
      ];
      const operationId = `00000000-0000-4000-8000-00000000000${userId.length}`.replace(
        /.$/,
        userId === 'ana' ? '1' : '2',
      );
      await provider.add(
        {
          ...{ operationId, userId, utterances, type: 'fact', topic: null, tags: [], metadata: {} },
          ...{ sessionId: null, at: clock.now(), expiresAt: null, infer: false },
        },
        aDeadline().signal,
      );
    }
  });

  it('says that sync has not run yet, and that nothing else is wrong', async () => {
    const { code, stdout } = await call('doctor', '--json');
    const { is_well, findings } = JSON.parse(stdout);
    expect({ code, is_well }).toEqual({ code: 0, is_well: true });
    expect(findings).toContainEqual({
      ...{ part: 'sync', is_well: true, next: null },
      finding: 'Not run yet: npm start runs it every minute, keepsake sync at once.',
    });
    expect(findings.map(({ part }: { part: string }) => part)).toEqual([
      'settings',
      'database',
      'roles',
      'provider',
      'index',
      'model',
      'chat_model',
      'outbox',
      'sync',
      'brain',
    ]);
  });

  it('brings one person, then everybody, with progress on stderr', async () => {
    const one = await call('sync', '--user', 'ana');
    expect(one.stdout).toMatch(/^Complete: 1 people synced; 1 memories written, 0 removed, [\d.]+ s\.\n/);
    const all = await call('sync');
    expect(all).toMatchObject({ code: 0, stdout: expect.stringContaining('2 people synced; 1 memories written') });
    expect(all.stderr).toMatch(/^synced: 1 of 2\n/);
  });

  it('draws a bar with rate on a terminal, and colours nothing there with NO_COLOR', async () => {
    const services = container;
    const bar = await keepsake(['reconcile'], { services, isTerminal: true });
    expect(bar.stderr).toMatch(/compared .* 2\/2 {2}\d+\/s/);
    expect(bar.stdout).toContain('Drift, mended: 0 missing, 0 changed, 0 orphaned.');
    const colored = await keepsake(['doctor'], { services, isTerminal: true });
    expect(colored.stdout).toContain('\u001b[32mok\u001b[39m');
    const plain = await keepsake(['doctor'], { services, isTerminal: true, env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain('\u001b');
  });

  it('ends with 1 where somebody fails, and says why', async () => {
    provider.fault = (method) => (method === 'list' ? 'refused' : null);
    const { code, stdout } = await call('reconcile');
    expect(code).toBe(1);
    expect(stdout).toContain('2 people failed (provider_refused); the next run tries them again.');
  });

  it('ends with 3 where the provider is away, and doctor says what to do', async () => {
    provider.fault = () => 'unavailable';
    const synced = await call('sync');
    expect(synced).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('could not say who changed (provider_unavailable)'),
    });
    const { code, stdout } = await call('doctor');
    expect(code).toBe(1);
    expect(stdout).toMatch(/wrong {2}provider +local does not answer \(unavailable\)\./);
    expect(stdout).toContain('→ ');
  });

  it('stops at the first Ctrl-C with what is done', async () => {
    const { code, stdout } = await keepsake(['reconcile'], { services: container, stopping: AbortSignal.abort() });
    expect(code).toBe(130);
    expect(stdout).not.toContain('Complete');
  });
});
