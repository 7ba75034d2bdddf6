import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyLocalSettings } from '../../local/local-settings';

describe('local.settings.json', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keepsake-settings-'));
  const file = path.join(folder, 'local.settings.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('adds its values to the environment, which goes before them', () => {
    const env = { PORT: '1' };
    writeFileSync(
      file,
      JSON.stringify({ IsEncrypted: false, Values: { PORT: '2', HOST: '::1', CONTEXT_TOKENS: 500 }, Host: {} }),
    );
    expect(applyLocalSettings(file, env)).toBeNull();
    expect(env).toEqual({ PORT: '1', HOST: '::1', CONTEXT_TOKENS: '500' });
  });

  it('need not be there', () => {
    expect(applyLocalSettings(path.join(folder, 'none.json'), {})).toBeNull();
  });

  it.each(['not json: secret', '[]', '{ "Values": { "KEY": ["secret"] } }'])(
    'is told to be wrong without being quoted: %s',
    (text) => {
      const env = {};
      writeFileSync(file, text);
      const problem = applyLocalSettings(file, env);
      expect(problem).toContain('is not valid');
      expect(problem).not.toContain('secret');
      expect(env).toEqual({});
    },
  );
});
