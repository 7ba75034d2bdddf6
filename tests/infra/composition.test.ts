import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { shippedPath } from '../../shared/config/shipped-files';
import { at, type Infra, readInfra } from './bicep';
import { expressions } from './rules';

/** Azure's built-in roles. */
const roles = {
  'Key Vault Secrets Officer': 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6',
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
};

/** One version a provider, but where it publishes a part under others. */
const versions: Record<string, string> = {
  'Microsoft.Authorization': '2022-04-01',
  'Microsoft.Compute': '2024-07-01',
  'Microsoft.Compute/disks': '2024-03-02',
  'Microsoft.DBforPostgreSQL': '2024-08-01',
  'Microsoft.Insights/actionGroups': '2023-01-01',
  'Microsoft.Insights/components': '2020-02-02',
  'Microsoft.Insights/dataCollectionRuleAssociations': '2024-03-11',
  'Microsoft.Insights/dataCollectionRules': '2024-03-11',
  'Microsoft.Insights/diagnosticSettings': '2021-05-01-preview',
  'Microsoft.Insights/scheduledQueryRules': '2026-03-01',
  'Microsoft.Insights/workbooks': '2023-06-01',
  'Microsoft.KeyVault': '2023-07-01',
  'Microsoft.ManagedIdentity': '2023-01-31',
  'Microsoft.Network': '2024-05-01',
  'Microsoft.Network/privateDnsZones': '2024-06-01',
  'Microsoft.OperationalInsights': '2023-09-01',
  'Microsoft.Resources': '2025-04-01',
  'Microsoft.Storage': '2024-01-01',
  'Microsoft.Web': '2024-04-01',
};

const inFiles = (infra: Infra) => [...infra].flatMap(([path, list]) => list.map((one) => ({ path, ...one })));

function oddVersions(infra: Infra): string[] {
  return inFiles(infra)
    .filter(({ kind }) => kind === 'resource')
    .filter(({ type }) => {
      const [name = '', version] = type.split('@');
      const [provider = '', kind = ''] = name.split('/');
      return version !== (versions[`${provider}/${kind}`] ?? versions[provider]);
    })
    .map(({ path, type }) => `${path}: ${type}`);
}

const undescribed = (infra: Infra) =>
  inFiles(infra)
    .filter(({ kind }) => kind === 'param' || kind === 'output')
    .filter(({ decorators }) => !decorators.some((decorator) => decorator.startsWith("description('")))
    .map(({ path, kind, name }) => `${path}: ${kind} ${name}`);

/** Role assignments whose role is not one of roles.json by its name, and files with an id of their own. */
function oddRoles(infra: Infra): string[] {
  const assigned = inFiles(infra).filter(({ type }) => type.startsWith('Microsoft.Authorization/roleAssignments@'));
  const fixed = new Map(inFiles(infra).map(({ path, name, value }) => [`${path}:${name}`, value]));
  const known = ({ path, loop, value }: (typeof assigned)[number]) => {
    const role = /^subscriptionResourceId\('Microsoft.Authorization\/roleDefinitions', roleIds\[(\w+)\]\)$/.exec(
      String(at(value, 'properties', 'roleDefinitionId')),
    )?.[1];
    const named = loop.startsWith(`${role} in [`) ? loop.match(/'[^']+'/g) : [String(fixed.get(`${path}:${role}`))];
    return named?.every((name) => name.slice(1, -1) in roles) ?? false;
  };
  return [
    ...assigned.filter((one) => !known(one)).map(({ path, name }) => `${path}: ${name}`),
    ...inFiles(infra)
      .filter(({ value }) => expressions(value).some((text) => /'[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}'/i.test(text)))
      .map(({ path, name }) => `${path}: ${name} has an id of its own`),
  ];
}

const instead = (path: string, text: string, other: string) =>
  readInfra((name, whole) => (name === path ? whole.replace(text, () => other) : whole));

describe('the infrastructure', () => {
  const infra = readInfra();

  it('is composed by main.bicep, which makes nothing itself but the group, of modules in this repository', () => {
    const main = infra.get('main.bicep') ?? [];
    expect(main.filter(({ kind }) => kind === 'resource').map(({ type }) => type.split('@')[0])).toEqual([
      'Microsoft.Resources/resourceGroups',
    ]);
    const modules = inFiles(infra).filter(({ kind }) => kind === 'module');
    expect(modules.length).toBeGreaterThan(10);
    expect(modules.filter(({ type }) => !/^(modules\/)?[\w-]+\.bicep$/.test(type)).map(({ type }) => type)).toEqual([]);
  });

  it('describes every parameter and output', () => {
    expect(undescribed(infra)).toEqual([]);
    expect(undescribed(instead('main.bicep', "@description('Azure region", "@metadata('Azure region"))).toHaveLength(1);
  });

  it('names one API version a provider', () => {
    expect(oddVersions(infra)).toEqual([]);
    expect(oddVersions(instead('modules/storage.bicep', '2024-01-01', '2019-06-01'))).not.toEqual([]);
  });

  it('gives Azure’s roles by their ids, which stand in one table', () => {
    expect(JSON.parse(readFileSync(shippedPath('infra', 'roles.json'), 'utf8'))).toEqual(roles);
    expect(oddRoles(infra)).toEqual([]);
    expect(oddRoles(instead('modules/roles.bicep', "'Storage Queue Data Contributor'", "'Owner'"))).toHaveLength(1);
    expect(oddRoles(instead('modules/roles.bicep', 'roleIds[vaultRole]', "'Owner'"))).toHaveLength(1);
  });

  it('gives the VM’s identity no more than its own key, its certificate and its snapshots', () => {
    const assigned = (infra.get('modules/qdrant-access.bicep') ?? []).filter(({ type }) =>
      /roleAssignments@/.test(type),
    );
    expect(
      assigned.map(({ value }) => [at(value, 'scope'), /roleIds\[(\w+)\]/.exec(JSON.stringify(value))?.[1]]),
    ).toEqual([
      ['key', 'keyRole'],
      ['tls[index]', 'certificateRole'],
      ['container', 'snapshotRole'],
    ]);
    const principals = inFiles(infra).filter(({ value }) =>
      expressions(value).some((text) => /qdrantIdentity!?\.outputs\.principalId/.test(text)),
    );
    expect(principals.map(({ name }) => name)).toEqual(['qdrantAccess']);
  });

  it('makes neither VM nor server where one’s own is given', () => {
    const conditions = (infra.get('main.bicep') ?? [])
      .filter(({ condition }) => condition !== '')
      .map(({ type, condition }) => `${type} ${condition}`);
    expect(conditions.sort()).toEqual([
      'modules/identity.bicep (makesQdrant)',
      'modules/postgres.bicep (makesPostgres)',
      'modules/qdrant-access.bicep (makesQdrant)',
      'modules/qdrant-vm.bicep (makesQdrant)',
      'modules/ssh-key.bicep (makesQdrant)',
    ]);
  });

  it('is found by azd: its tags, its outputs, the service and the scripts that azure.yaml names', () => {
    const azure = parse(readFileSync(shippedPath('azure.yaml'), 'utf8'));
    expect(azure.services.api).toMatchObject({ project: '.', language: 'ts', host: 'function', remoteBuild: false });
    const main = infra.get('main.bicep') ?? [];
    expect(at(main.find(({ name }) => name === 'tags')?.value, 'azd-env-name')).toBe('environmentName');
    const { parameters } = JSON.parse(readFileSync(shippedPath('infra', 'main.parameters.json'), 'utf8'));
    const asked = main.filter(({ kind, value }) => kind === 'param' && value === '').map(({ name }) => name);
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(asked));
    const known = main.filter(({ kind }) => kind === 'param').map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(Object.keys(parameters)));
    const app = infra.get('modules/function-app.bicep')?.find(({ name }) => name === 'app');
    expect(at(app?.value, 'tags')).toBe("union(tags, { 'azd-service-name': 'api' })");
    const outputs = main.filter(({ kind }) => kind === 'output').map(({ name }) => name);
    expect(outputs).toEqual(expect.arrayContaining(['AZURE_RESOURCE_GROUP', 'SERVICE_API_NAME', 'SERVICE_API_URI']));
    expect(outputs.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(shippedPath('package.json'), 'utf8'));
    const commands: string[] = JSON.stringify(azure).match(/"run":"[^"]+"/g) ?? [];
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const [, file, script] = /"run":"(?:node (\S+)|npm run (\S+))"/.exec(command) ?? [];
      expect(file === undefined ? script !== undefined && script in scripts : existsSync(shippedPath(file))).toBe(true);
    }
  });
});
