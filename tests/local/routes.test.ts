import type { Registration } from '../../local/functions-core';
import { createRoutes, type HttpFunction } from '../../local/routes';

const door = (name: string, methods: string[], route: string): HttpFunction => {
  const registration: Registration = {
    name,
    trigger: { type: 'httpTrigger', name: 'request' },
    outputs: [],
    callback: () => undefined,
  };
  return { registration, methods, route, authLevel: 'anonymous' };
};

const match = createRoutes([
  door('health', ['GET'], 'health'),
  door('memory', ['GET', 'PATCH'], 'memories/{id}'),
  door('forget', ['DELETE'], 'memories/{memory_id}'),
  door('history', ['GET'], 'memories/{id}/history'),
  door('recent', ['GET'], 'memories/recent'),
  door('brain', ['GET'], 'brain/{id}/{slug?}'),
  door('files', ['GET'], 'files/{*path}'),
]);

describe('routes', () => {
  it.each([
    ['GET', '/api/health', 'health', {}],
    ['GET', '/API/Health', 'health', {}],
    ['GET', '/api/health/', 'health', {}],
    ['GET', '/api/memories/AbC', 'memory', { id: 'AbC' }],
    ['PATCH', '/api/memories/a%40b%20c', 'memory', { id: 'a@b c' }],
    ['DELETE', '/api/memories/7', 'forget', { memory_id: '7' }],
    ['GET', '/api/memories/7/history', 'history', { id: '7' }],
    ['GET', '/api/memories/recent', 'recent', {}],
    ['GET', `/api/memories/${'x'.repeat(200)}`, 'memory', { id: 'x'.repeat(200) }],
    ['GET', '/api/brain/7', 'brain', { id: '7' }],
    ['GET', '/api/brain/7/', 'brain', { id: '7' }],
    ['GET', '/api/brain/7/likes', 'brain', { id: '7', slug: 'likes' }],
    ['GET', '/api/files', 'files', {}],
    ['GET', '/api/files/a/b.txt', 'files', { path: 'a/b.txt' }],
  ])('%s %s is %s', (method, path, name, params) => {
    expect(match(method, path)).toMatchObject({ kind: 'found', target: { registration: { name } }, params });
  });

  it.each([
    ['POST', '/api/health', ['GET']],
    ['HEAD', '/api/health', ['GET']],
    ['PUT', '/api/memories/7', ['DELETE', 'GET', 'PATCH']],
  ])('%s %s is a known path with another method', (method, path, allow) => {
    expect(match(method, path)).toEqual({ kind: 'wrong method', allow });
  });

  it.each(['/', '/health', '/api', '/api/memories', '/api/memories/7/history/8', '/api/brain/7/likes/more', '*', ''])(
    '%s is nothing',
    (path) => {
      expect(match('GET', path)).toEqual({ kind: 'none' });
    },
  );

  it.each(['memories/{id:int}', 'memories/{id=5}', 'memories/{name}.json', 'a//b'])(
    'refuses the route %s, which it cannot serve',
    (route) => {
      expect(() => createRoutes([door('odd', ['GET'], route)])).toThrow(`Route "${route}"`);
    },
  );

  it('refuses two functions on one route and method', () => {
    expect(() => createRoutes([door('one', ['GET'], 'same/{a}'), door('two', ['GET'], 'same/{b}')])).toThrow();
  });
});
