import { at, type Infra, type Value } from './bicep';
import { all, expressions, keys, properties, type Rule, resources } from './rules';

const rulesOf = (infra: Infra, group: string): Value[] => {
  const found = resources(infra, 'Microsoft.Network/networkSecurityGroups').find(({ name }) => name === group);
  const rules = at(found?.value, 'properties', 'securityRules');
  const variables = new Map(all(infra).map(({ name, value }) => [name, value]));
  return (Array.isArray(rules) ? rules : [])
    .map((rule) => (typeof rule === 'string' ? (variables.get(rule) ?? rule) : rule))
    .map((rule) => at(rule, 'properties') ?? '');
};

/** What a security group lets in, and that its last word is no. */
function lets(infra: Infra, group: string, allowed: string[]): string[] {
  const rules = rulesOf(infra, group).filter((rule) => at(rule, 'direction') === "'Inbound'");
  const allows = rules.filter((rule) => at(rule, 'access') === "'Allow'");
  const source = (rule: Value) => at(rule, 'sourceAddressPrefix') ?? at(rule, 'sourceAddressPrefixes') ?? '*';
  const shown = allows.map(
    (rule) =>
      `${at(rule, 'protocol')} ${at(rule, 'destinationPortRange')} from ${expressions(source(rule)).join(', ')}`,
  );
  const deny = rules.find(
    (rule) =>
      at(rule, 'access') === "'Deny'" &&
      at(rule, 'sourceAddressPrefix') === "'VirtualNetwork'" &&
      ['protocol', 'sourcePortRange', 'destinationAddressPrefix', 'destinationPortRange'].every(
        (property) => at(rule, property) === "'*'",
      ),
  );
  const later = allows.filter((rule) => Number(at(rule, 'priority')) >= Number(at(deny, 'priority')));
  return [
    ...shown.filter((one) => !allowed.includes(one)).map((one) => `${group} lets in ${one}`),
    ...allowed.filter((one) => !shown.includes(one)).map((one) => `${group} does not let in ${one}`),
    ...(deny === undefined ? [`${group} denies the network nothing`] : []),
    ...later.map((rule) => `${group} has ${at(rule, 'destinationPortRange')} behind its denial`),
  ];
}

const subnets = (infra: Infra): Value[] => {
  const [vnet] = resources(infra, 'Microsoft.Network/virtualNetworks');
  const found = at(vnet?.value, 'properties', 'subnets');
  return Array.isArray(found) ? found : [];
};
const subnet = (infra: Infra, name: string) => subnets(infra).find((one) => at(one, 'name') === `'${name}'`);

/** Who reaches what. */
export const networkRules: Rule[] = [
  {
    says: 'there is no public IP but the NAT gateway’s',
    complaints: (infra) => {
      const [address, ...others] = resources(infra, 'Microsoft.Network/publicIPAddresses');
      const gateways = resources(infra, 'Microsoft.Network/natGateways');
      const users = all(infra).filter(({ value }) => expressions(value).includes(`${address?.name}.id`));
      const elsewhere = all(infra).filter(({ value }) => keys(value).some((key) => /^publicIPAddress/.test(key)));
      return [
        ...(address === undefined ? ['the NAT gateway has no address'] : []),
        ...[...others, ...resources(infra, 'Microsoft.Network/publicIPPrefixes')].map(
          ({ name }) => `${name} is public`,
        ),
        ...users.filter((one) => !gateways.includes(one)).map(({ name }) => `${name} has the public address`),
        ...elsewhere.filter((one) => one !== address).map(({ name }) => `${name} asks for a public address`),
      ];
    },
    breaks: [
      [
        'modules/network.bicep',
        'resource vnet ',
        "resource second 'Microsoft.Network/publicIPAddresses@2024-05-01' = {\n}\nresource vnet ",
      ],
      [
        'modules/virtual-machine.bicep',
        'subnet: { id: subnetId }',
        'subnet: { id: subnetId }\n          publicIPAddress: { id: subnetId }',
      ],
    ],
  },
  {
    says: 'what leaves a subnet leaves by the NAT gateway',
    complaints: (infra) => [
      ...subnets(infra)
        .filter((one) => at(one, 'properties', 'defaultOutboundAccess') !== 'false')
        .map((one) => `${at(one, 'name')} has Azure’s own way out`),
      ...['app', 'qdrant']
        .filter((name) => at(subnet(infra, name), 'properties', 'natGateway', 'id') !== 'outbound.id')
        .map((name) => `${name} has no NAT gateway`),
    ],
    breaks: [
      ['modules/network.bicep', 'defaultOutboundAccess: false', 'defaultOutboundAccess: true'],
      ['modules/network.bicep', 'natGateway: { id: outbound.id }', ''],
    ],
  },
  {
    says: 'storage, vault and Postgres are reached by their private endpoints alone',
    complaints: (infra) => [
      ...properties(infra, 'Microsoft.Storage/storageAccounts', {
        publicNetworkAccess: "'Disabled'",
        'networkAcls.defaultAction': "'Deny'",
      }),
      ...properties(infra, 'Microsoft.KeyVault/vaults', {
        publicNetworkAccess: "'Disabled'",
        'networkAcls.defaultAction': "'Deny'",
      }),
      ...properties(infra, 'Microsoft.DBforPostgreSQL/flexibleServers', {
        'network.publicNetworkAccess': "'Disabled'",
      }),
      ...['account.id', 'vault.id', 'server.id']
        .filter(
          (id) => !all(infra).some(({ kind, value }) => kind === 'module' && at(value, 'params', 'targetId') === id),
        )
        .map((id) => `no private endpoint leads to ${id}`),
      ...['blob', 'queue', 'table']
        .filter((service) => !all(infra).some(({ loop }) => loop.includes(`'${service}'`)))
        .map((service) => `no private endpoint for ${service}`),
    ],
    breaks: [
      ['modules/storage.bicep', "publicNetworkAccess: 'Disabled'", "publicNetworkAccess: 'Enabled'"],
      ['modules/key-vault.bicep', "publicNetworkAccess: 'Disabled'", ''],
      ['modules/postgres.bicep', "publicNetworkAccess: 'Disabled'", "publicNetworkAccess: 'Enabled'"],
      ['modules/postgres.bicep', 'targetId: server.id', "targetId: ''"],
      ['modules/storage.bicep', "['blob', 'queue', 'table']", "['blob', 'table']"],
    ],
  },
  {
    says: 'Qdrant’s subnet lets the app in on 6333, and nobody else',
    complaints: (infra) => [
      ...lets(infra, 'qdrantRules', ["'Tcp' '6333' from appPrefix"]),
      ...(at(subnet(infra, 'qdrant'), 'properties', 'networkSecurityGroup', 'id') === 'qdrantRules.id'
        ? []
        : ['the subnet has no such rules']),
    ],
    breaks: [
      ['modules/network.bicep', "destinationPortRange: '6333'", "destinationPortRange: '*'"],
      ['modules/network.bicep', 'sourceAddressPrefix: appPrefix', "sourceAddressPrefix: 'VirtualNetwork'"],
      ['modules/network.bicep', 'networkSecurityGroup: { id: qdrantRules.id }', ''],
      ['modules/network.bicep', "access: 'Deny'", "access: 'Allow'"],
      ['modules/network.bicep', 'priority: 4000', 'priority: 100'],
    ],
  },
  {
    says: 'private endpoints let in HTTPS from app and VM, Postgres from the app, and nothing else',
    complaints: (infra) => [
      ...lets(infra, 'endpointRules', ["'Tcp' '443' from appPrefix, qdrantPrefix", "'Tcp' '5432' from appPrefix"]),
      ...(at(subnet(infra, 'endpoints'), 'properties', 'privateEndpointNetworkPolicies') ===
      "'NetworkSecurityGroupEnabled'"
        ? []
        : ['rules do not hold for private endpoints']),
    ],
    breaks: [
      ['modules/network.bicep', "destinationPortRange: '443'", "destinationPortRange: '22'"],
      ['modules/network.bicep', "'NetworkSecurityGroupEnabled'", "'Disabled'"],
    ],
  },
];
