import { readFileSync } from 'node:fs';
import { loadSettings, secretNames, settingNames } from '../../shared/config/settings';
import { shippedPath } from '../../shared/config/shipped-files';
import { at, readInfra, type Value } from './bicep';

/** Settings that have no meaning there, with the reason. */
const notInAzure = {
  HOST: 'the Functions host listens',
  PORT: 'the Functions host listens',
  KEEPSAKE_HOME: 'a file system of an instance lasts no longer than the instance: the database is a server',
};

/** What the host reads, and not Keepsake. */
const hostOnly = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
];

/** Refused by Flex Consumption. */
const notOnFlex =
  /^(FUNCTIONS_EXTENSION_VERSION|FUNCTIONS_WORKER_RUNTIME|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_RUN_FROM_PACKAGE|SCM_DO_BUILD_DURING_DEPLOYMENT|WEBSITE_CONTENT.*|WEBSITE_TIME_ZONE|AzureWebJobsStorage)$/;

const declared = (name: string): Value | undefined =>
  readInfra()
    .get('modules/app-settings.bicep')
    ?.find((one) => one.name === name)?.value;
const names = (value: Value | undefined): string[] =>
  Array.isArray(value) ? value.map((name) => String(name).slice(1, -1)) : Object.keys(value ?? {});

describe('the app’s settings in Azure', () => {
  const optional = names(declared('optionalSettings'));
  const secret = names(declared('secretSettings'));
  const deployed = names(declared('deployedSettings'));
  const parameters: Record<string, { value: Record<string, string> }> = JSON.parse(
    readFileSync(shippedPath('infra', 'main.parameters.json'), 'utf8'),
  ).parameters;

  it('are those that settings.ts reads, but for those that mean nothing there, and those of the host', () => {
    const there = new Set([...optional, ...secret, ...deployed]);
    const missing = settingNames.filter((name) => !there.has(name));
    expect(missing.sort()).toEqual(Object.keys(notInAzure).sort());
    const known = new Set<string>(settingNames);
    expect([...there].filter((name) => !known.has(name)).sort()).toEqual(hostOnly);
  });

  it('hold none that Flex Consumption refuses', () => {
    expect([...optional, ...secret, ...deployed].filter((name) => notOnFlex.test(name))).toEqual([]);
    expect('FUNCTIONS_WORKER_RUNTIME').toMatch(notOnFlex);
  });

  it('leave every secret to the vault, where it has its name in kebab-case', () => {
    expect([...secret].sort()).toEqual(secretNames.filter((name) => !(name in notInAzure)).sort());
    expect(declared('leftToVault')).toBe("toObject(secretSettings, name => name, name => '')");
    const given = readInfra()
      .get('modules/key-vault.bicep')
      ?.find(({ name }) => name === 'given');
    expect(at(given?.value, 'name')).toBe("toLower(replace(setting, '_', '-'))");
  });

  it('that the operator may set are taken from azd’s environment under their own names, and are unset where it has none', () => {
    const retained = ['CHECK_IN', 'CONVERSATION', 'FACT', 'LEAD'].map((type) => `RETENTION_DAYS_${type}`);
    const schedules = [
      'LOAD_SCHEDULE',
      'MIGRATION_SCHEDULE',
      'RECONCILE_SCHEDULE',
      'RETENTION_SCHEDULE',
      'SYNC_SCHEDULE',
    ];
    const others = ['DATABASE_AUTH', ...schedules, ...retained];
    const fromEnvironment = (list: string[]) => Object.fromEntries(list.map((name) => [name, `\${${name}=}`]));
    expect(parameters.settings?.value).toEqual(fromEnvironment([...optional, ...others]));
    expect(parameters.secrets?.value).toEqual(fromEnvironment(secret));
  });

  it('keep the timers running where no schedule is set', () => {
    const { settings } = loadSettings({});
    for (const name of [
      ...([
        'LOAD_SCHEDULE',
        'MIGRATION_SCHEDULE',
        'SYNC_SCHEDULE',
        'RECONCILE_SCHEDULE',
        'RETENTION_SCHEDULE',
      ] as const),
    ])
      expect(at(declared('deployedSettings'), name)).toContain(`? '${settings[name]}' :`);
  });

  it('let nothing that the operator sets stand in place of what is deployed, and no secret stand in plain', () => {
    expect(declared('values')).toBe(
      "union( toObject(optionalSettings, name => name, name => ''), settings, leftToVault, deployedSettings )",
    );
  });
});
