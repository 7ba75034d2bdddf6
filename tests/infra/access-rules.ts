import { at } from './bicep';
import { all, expressions, properties, type Rule, resources } from './rules';

/** How one gets in, and what is told. */
export const accessRules: Rule[] = [
  {
    says: 'nobody signs in with a key or a password that is shared',
    complaints: (infra) => [
      ...properties(infra, 'Microsoft.Storage/storageAccounts', {
        allowSharedKeyAccess: 'false',
        allowBlobPublicAccess: 'false',
        isLocalUserEnabled: 'false',
      }),
      ...properties(infra, 'Microsoft.DBforPostgreSQL/flexibleServers', {
        'authConfig.passwordAuth': "'Disabled'",
        'authConfig.activeDirectoryAuth': "'Enabled'",
      }),
      ...properties(infra, 'Microsoft.Insights/components', { DisableLocalAuth: 'true' }),
      ...properties(infra, 'Microsoft.OperationalInsights/workspaces', { 'features.disableLocalAuth': 'true' }),
      ...properties(infra, 'Microsoft.KeyVault/vaults', { enableRbacAuthorization: 'true' }),
      ...properties(infra, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies', { allow: 'false' }),
      ...all(infra)
        .filter(({ value }) =>
          expressions(value).some((text) => /\blist(Keys|AccountSas|ServiceSas)\b|AccountKey=/.test(text)),
        )
        .map(({ name }) => `${name} asks for a key`),
    ],
    breaks: [
      ['modules/storage.bicep', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true'],
      ['modules/storage.bicep', 'allowBlobPublicAccess: false', ''],
      ['modules/postgres.bicep', "passwordAuth: 'Disabled'", "passwordAuth: 'Enabled'"],
      ['modules/monitoring.bicep', 'DisableLocalAuth: true', 'DisableLocalAuth: false'],
      [
        'modules/function-app.bicep',
        "name: 'scm', properties: { allow: false }",
        "name: 'scm', properties: { allow: true }",
      ],
      [
        'modules/storage.bicep',
        'output name string = account.name',
        'output name string = account.listKeys().keys[0].value',
      ],
    ],
  },
  {
    says: 'whatever listens speaks TLS 1.2 at least',
    complaints: (infra) => [
      ...properties(infra, 'Microsoft.Storage/storageAccounts', {
        minimumTlsVersion: "'TLS1_2'",
        supportsHttpsTrafficOnly: 'true',
      }),
      ...properties(infra, 'Microsoft.Web/sites', {
        httpsOnly: 'true',
        'siteConfig.minTlsVersion': "'1.2'",
        'siteConfig.scmMinTlsVersion': "'1.2'",
        'siteConfig.ftpsState': "'Disabled'",
      }),
      ...[
        ["'require_secure_transport'", "'on'"],
        ["'ssl_min_protocol_version'", "'TLSv1.2'"],
      ]
        .filter(
          ([name, value]) =>
            !resources(infra, 'Microsoft.DBforPostgreSQL/flexibleServers/configurations').some(
              (one) => at(one.value, 'name') === name && at(one.value, 'properties', 'value') === value,
            ),
        )
        .map(([name, value]) => `Postgres: ${name} must be ${value}`),
      ...all(infra)
        .filter(({ value }) =>
          expressions(value).some((text) => /^'postgres(ql)?:/.test(text) && !text.endsWith("?sslmode=verify-full'")),
        )
        .map(({ name }) => `${name} does not verify Postgres’s certificate`),
      ...all(infra)
        .filter(({ value }) => expressions(value).some((text) => /'http:/.test(text)))
        .map(({ name }) => `${name} is an address without TLS`),
    ],
    breaks: [
      ['modules/storage.bicep', "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'"],
      ['modules/function-app.bicep', 'httpsOnly: true', ''],
      ['modules/function-app.bicep', "minTlsVersion: '1.2'", "minTlsVersion: '1.1'"],
      ['modules/postgres.bicep', "value: 'on'", "value: 'off'"],
      ['modules/postgres.bicep', 'verify-full', 'require'],
      ['modules/function-app.bicep', "'https://$", "'http://$"],
    ],
  },
  {
    says: 'what is in the vault cannot be removed for good, by anybody, for 90 days',
    complaints: (infra) =>
      properties(infra, 'Microsoft.KeyVault/vaults', {
        enablePurgeProtection: 'true',
        enableSoftDelete: 'true',
        softDeleteRetentionInDays: '90',
      }),
    breaks: [
      ['modules/key-vault.bicep', 'enablePurgeProtection: true', ''],
      ['modules/key-vault.bicep', 'softDeleteRetentionInDays: 90', 'softDeleteRetentionInDays: 7'],
    ],
  },
  {
    says: 'no secret leaves by an output, has a default, or is made anew by a second deployment',
    complaints: (infra) =>
      [...infra].flatMap(([path, declarations]) => {
        const secure = declarations.filter(
          ({ kind, decorators }) => kind === 'param' && decorators.includes('secure()'),
        );
        const outputs = declarations.filter(({ kind }) => kind === 'output');
        const made = declarations.filter(
          ({ type, value }) =>
            type.startsWith('Microsoft.KeyVault/vaults/secrets@') &&
            !/^secrets\[/.test(String(at(value, 'properties', 'value') ?? 'secrets[')),
        );
        return [
          ...secure.flatMap((param) =>
            outputs
              .filter(({ value }) => expressions(value).some((text) => new RegExp(`\\b${param.name}\\b`).test(text)))
              .map((output) => `${path}: the output ${output.name} tells ${param.name}`),
          ),
          ...secure
            .filter(({ value }) => value !== '' && value !== 'newGuid()')
            .map(({ name }) => `${path}: ${name} has a default`),
          ...made
            .filter(({ decorators }) => !decorators.includes('onlyIfNotExists()'))
            .map(({ name }) => `${path}: ${name} is made anew`),
        ];
      }),
    breaks: [
      ['main.bicep', 'output AZURE_LOCATION string = location', 'output AZURE_LOCATION string = secrets.MEM0_API_KEY'],
      ['main.bicep', 'param qdrantApiKey string = newGuid()', "param qdrantApiKey string = 'key'"],
      ['modules/qdrant-access.bicep', '@onlyIfNotExists()', ''],
    ],
  },
];
