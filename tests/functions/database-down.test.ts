import { createCheckInsHandler } from '../../functions/check-ins';
import { createGoalHandler } from '../../functions/goal';
import { createGoalsHandler } from '../../functions/goals';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { nowhere } from '../support/service';

/** What rests on the database alone says so when it is gone: a 503 that asks to come again, not a 500. */
describe('with no database to be reached', () => {
  const container = createContainer({ env: { DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
  afterAll(() => container.close());

  const get = { method: 'GET', params: { user_id: 'ana' } };
  const patch = {
    method: 'PATCH',
    params: { id: '7d3c7a52-3f0e-4c55-9d0b-0f7d1c9b8a11' },
    headers: { 'content-type': 'application/json' },
    body: { string: '{"status":"done"}' },
  };

  it.each([
    ['goals', createGoalsHandler, get],
    ['check-ins', createCheckInsHandler, get],
    ['goal', createGoalHandler, patch],
  ] as const)('%s answers 503 and when to come again', async (_, create, request) => {
    const answer = await call(create(container), request);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
  });
});
