import { glance } from '../../shared/chat/glance';
import { createGoals } from '../../shared/chat/goals';
import { createPreferences } from '../../shared/chat/preferences';
import { createToolUsage } from '../../shared/chat/tool-usage';
import { createRedaction } from '../../shared/redaction/redaction';
import { overEachEngine } from '../support/databases';

const redaction = createRedaction({ REDACT: 'secrets' });
const at = (minute: number) => new Date(Date.UTC(2026, 2, 4, 8, minute));
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

overEachEngine((database) => {
  it('a glance at somebody shows what each of the three says, and nobody else’s', async () => {
    const preferences = createPreferences(database());
    const goals = createGoals(database(), () => at(30), redaction);
    const usage = createToolUsage(database());
    const understanding = { language: 'en' as const, intents: [] };
    for (const userId of ['ana', 'ben']) {
      await preferences.set(userId, 'name', userId, at(0));
      const checkIn = { goalId: null, mood: 7, energy: null, note: 'slept "well"', personality: 'zen' };
      for (let i = 0; i < 7; i++) {
        await goals.logCheckIn(userId, { id: id(userId === 'ana' ? i : 10 + i), ...checkIn, at: at(i) });
      }
      const used = [{ name: 'list_goals' as const, ok: true, result: {} }];
      await usage.record({ userId, at: at(9), understanding, used, previous: null });
    }
    const { items } = await goals.listCheckIns('ana', { limit: 5, cursor: null });
    expect(items).toHaveLength(5);
    expect(await glance(database(), 'ana')).toEqual({
      preferences: await preferences.all('ana'),
      checkIns: items,
      usage: await usage.all('ana'),
    });
    expect(await glance(database(), 'nobody')).toEqual({ preferences: {}, checkIns: [], usage: [] });
  });
});
