import { readFileSync } from 'node:fs';
import { loadSettings, settingNames } from '../../shared/config/settings';
import { shippedPath } from '../../shared/config/shipped-files';
import { at, readInfra, type Value } from './bicep';

/** Settings that have no meaning there, with the reason. */
const notInAzure = {
  HOST: 'the Functions host listens',
  PORT: 'the Functions host listens',
  KEEPSAKE_HOME: 'a file system of an instance lasts no longer than the instance: the database is a server',
  LOCAL_FUNCTION_KEY: 'the Functions host has function keys',
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

  it('are secrets where they hold one, and a secret is a reference to the vault by its name in kebab-case', () => {
    const holdsSecret = (name: string) => /_(KEY|SECRET|TOKEN|CERTIFICATE)$/.test(name) || name === 'DATABASE_URL';
    const expected = settingNames.filter((name) => holdsSecret(name) && !(name in notInAzure));
    expect([...secret].sort()).toEqual(expected.sort());
    expect(declared('secretReferences')).toMatch(
      /'@Microsoft\.KeyVault\(SecretUri=\$\{vaultUri\}secrets\/\$\{toLower\(replace\(name, '_', '-'\)\)\}\)' : ''/,
    );
  });

  it('that the operator may set are taken from azd’s environment under their own names, and are unset where it has none', () => {
    const timers = ['RECONCILE_SCHEDULE', 'SYNC_SCHEDULE'];
    const fromEnvironment = (list: string[]) => Object.fromEntries(list.map((name) => [name, `\${${name}=}`]));
    expect(parameters.settings?.value).toEqual(fromEnvironment([...optional, ...timers]));
    expect(parameters.secrets?.value).toEqual(fromEnvironment(secret));
  });

  it('keep the timers running where no schedule is set', () => {
    const { SYNC_SCHEDULE, RECONCILE_SCHEDULE } = loadSettings({}).settings;
    expect(at(declared('deployedSettings'), 'SYNC_SCHEDULE')).toContain(`? '${SYNC_SCHEDULE}' :`);
    expect(at(declared('deployedSettings'), 'RECONCILE_SCHEDULE')).toContain(`? '${RECONCILE_SCHEDULE}' :`);
  });

  it('let no value of the operator stand in place of what is deployed, and no secret stand in plain', () => {
    expect(declared('values')).toBe(
      "union( toObject(optionalSettings, name => name, name => ''), settings, secretReferences, deployedSettings )",
    );
  });
});
