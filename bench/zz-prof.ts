import { mkdtempSync, rmSync } from 'node:fs';
import { createContainer } from '../shared/container';
import { createDeadline } from '../shared/resilience/deadline';
import { createSentences } from './sentences';
async function main() {
  const home = mkdtempSync('/tmp/cvf/home-');
  const c = createContainer({ env: { KEEPSAKE_HOME: home, LOG_LEVEL: 'warn' } });
  await c.warmUp();
  const { statement, question } = createSentences(8);
  const n = Number(process.env.N ?? 2000);
  const all = Array.from({ length: n }, (_, i) => {
    const call = Math.floor(i / 4);
    const caller = (call * 7) % Math.max(50, n / 20);
    return {
      sessionId: `call-${call}`,
      user: { phone: `+1415555${1000 + caller}`, name: `Caller ${caller}` },
      tags: ['i'],
      metadata: {},
      said: [
        {
          role: 'user' as const,
          content: question(),
          at: new Date(Date.UTC(2026, 0, 5) + call * 600000 + (i % 4) * 30000),
        },
        { role: 'assistant' as const, content: statement() },
      ],
    };
  });
  const t = performance.now();
  const cpu = process.cpuUsage();
  for (let i = 0; i < n; i += 100) await c.conversations().storeAll(all.slice(i, i + 100), createDeadline(10000));
  const r = performance.now() - t;
  await c.conversations().idle();
  const s = performance.now() - t;
  const u = process.cpuUsage(cpu);
  console.log({ n, replied: r / 1000, sent: s / 1000, user: u.user / 1e6, sys: u.system / 1e6 });
  await c.close();
  rmSync(home, { recursive: true });
}
main();
