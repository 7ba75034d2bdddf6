import { readFileSync } from 'node:fs';
import { shippedPath } from '../../shared/config/shipped-files';
import { gaugeNames } from '../../shared/health/gauges';
import type { StatisticsReport } from '../../shared/health/statistics-report';
import { countMetric, durationMetric } from '../../shared/telemetry/telemetry';

const read = (...path: string[]) => readFileSync(shippedPath('infra', ...path), 'utf8');
const metricsIn = (text: string) => [...new Set(text.match(/\bkeepsake(?:\.[a-z_]+)+\b/g) ?? [])].sort();

const published = [...gaugeNames, durationMetric, countMetric].sort();

/** By which metric each part of GET /api/statistics is published. */
const ofReport: Record<keyof StatisticsReport, string[]> = {
  totalMemories: ['keepsake.memories'],
  memoriesByType: ['keepsake.memories'],
  cacheHitRate: ['keepsake.embedding.cache_hit_rate'],
  lastHour: [durationMetric, countMetric],
  lastDay: [durationMetric, countMetric],
  outbox: ['keepsake.outbox.waiting', 'keepsake.outbox.oldest_seconds', 'keepsake.outbox.dead'],
  sync: ['keepsake.sync.lag_seconds', 'keepsake.sync.drift'],
};

/** An item of a workbook that asks something. */
interface Question {
  query: string;
  resourceType: string;
  timeContextFromParameter: string;
}

describe('the workbook', () => {
  const text = read('workbook.json');
  const { version, items } = JSON.parse(text) as { version: string; items: { type: number; content: unknown }[] };
  const questions = items.filter(({ type }) => type === 3).map(({ content }) => content as Question);

  it('shows every metric that the app publishes, and no other', () => {
    expect(version).toBe('Notebook/1.0');
    expect(metricsIn(text)).toEqual(published);
  });

  it('asks Application Insights for the time that is chosen', () => {
    expect(questions.length).toBeGreaterThan(10);
    for (const { query, ...rest } of questions) {
      expect(query).toMatch(/^(?:customMetrics|dependencies|requests)\n\| /);
      expect(rest).toMatchObject({
        resourceType: 'microsoft.insights/components',
        timeContextFromParameter: 'TimeRange',
      });
    }
  });

  it('names the place that its module fills in', () => {
    const module = read('modules', 'workbook.bicep');
    expect(module).toContain(`'@@INSIGHTS_ID@@', insightsId`);
    expect(text.split('@@')).toHaveLength(3);
    expect(text).toContain('@@INSIGHTS_ID@@');
  });
});

describe('the alerts', () => {
  const text = read('modules', 'alerts.bicep');

  it('ask for metrics that the app publishes', () => {
    const asked = metricsIn(text.replace(/^\/\/.*$/gm, ''));
    expect(asked).toEqual([
      'keepsake.health.degraded',
      'keepsake.outbox.dead',
      'keepsake.outbox.oldest_seconds',
      'keepsake.sync.lag_seconds',
    ]);
    expect(published).toEqual(expect.arrayContaining(asked));
  });

  it.each([
    ['sync-lag', '300'],
    ['outbox-oldest', '600'],
    ['outbox-dead', '0'],
    ['health-degraded', '0'],
    ['silent', '1'],
    ['http-5xx', '5'],
    ['qdrant-disk', '80'],
  ])('%s has the threshold %s', (name, threshold) => {
    const rule = text.slice(text.indexOf(`name: '${name}'`));
    expect(/threshold: (\d+)/.exec(rule)?.[1]).toBe(threshold);
  });

  it('read the disk by the counter that the VM sends', () => {
    const counter = /counterSpecifiers: \['(.+)\(\*\)\\\\(.+)'\]/.exec(read('modules', 'vm-disk.bicep'));
    expect(text).toContain(`ObjectName == \\'${counter?.[1]}\\' and CounterName == \\'${counter?.[2]}\\'`);
  });
});

test('everything in the statistics is published', () => {
  expect(published).toEqual(expect.arrayContaining(Object.values(ofReport).flat()));
});
