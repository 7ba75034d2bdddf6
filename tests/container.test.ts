import { createContainer } from '../shared/container';

/** Which provider and index a deployment has is said by its settings alone; nothing is called to find out. */
describe('the composition root', () => {
  const namesFor = async (env: NodeJS.ProcessEnv) => {
    const container = createContainer({
      env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', LOG_LEVEL: 'silent', ...env },
    });
    const { provider, index, database } = await container.health();
    await container.close();
    return [provider.name, index.name, database.engine];
  };
  const nowhere = 'http://127.0.0.1:1';

  it.each([
    [{}, ['local', 'embedded', 'postgres']],
    [{ MEM0_API_KEY: 'key', MEM0_BASE_URL: nowhere }, ['mem0', 'embedded', 'postgres']],
    [{ MEM0_API_KEY: 'key', MEM0_BASE_URL: nowhere, MEMORY_BACKEND: 'local' }, ['local', 'embedded', 'postgres']],
    [{ ZEP_API_KEY: 'key', ZEP_BASE_URL: nowhere }, ['zep', 'embedded', 'postgres']],
    [{ MEM0_API_KEY: 'key', ZEP_API_KEY: 'key', MEM0_BASE_URL: nowhere }, ['mem0', 'embedded', 'postgres']],
    [{ QDRANT_URL: nowhere }, ['local', 'qdrant', 'postgres']],
  ])('%j', async (env, names) => expect(await namesFor(env)).toEqual(names));
});
