// A Postgres server without passwords: the app's identity is its administrator, and the network its only way in.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the server.')
param name string

@description('Size of the server, one of the burstable ones.')
param sku string

@description('Name of the app\'s identity: its user name.')
param identityName string

@description('Principal of the app\'s identity.')
param identityPrincipalId string

@description('Network that reaches the server.')
param vnetId string

@description('Subnet of private endpoints.')
param endpointSubnetId string

var abbreviations = loadJsonContent('../abbreviations.json')

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku, tier: 'Burstable' }
  properties: {
    version: '17'
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled', tenantId: tenant().tenantId }
    storage: { storageSizeGB: 32, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' }
    network: { publicNetworkAccess: 'Disabled' }
    highAvailability: { mode: 'Disabled' }
  }
}

// The server takes one change at a time, so each of these waits for the one before.
resource transport 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'require_secure_transport'
  properties: { value: 'on', source: 'user-override' }
}

resource protocol 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'ssl_min_protocol_version'
  properties: { value: 'TLSv1.2', source: 'user-override' }
  dependsOn: [transport]
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'keepsake'
  properties: { charset: 'UTF8', collation: 'en_US.utf8' }
  dependsOn: [protocol]
}

resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {
  parent: server
  name: identityPrincipalId
  properties: { principalName: identityName, principalType: 'ServicePrincipal', tenantId: tenant().tenantId }
  dependsOn: [database]
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    location: location
    tags: tags
    name: '${abbreviations.privateEndpoint}${name}'
    subnetId: endpointSubnetId
    vnetId: vnetId
    targetId: server.id
    groupId: 'postgresqlServer'
    zoneName: 'privatelink.postgres.database.azure.com'
  }
  dependsOn: [administrator]
}

@description('Address of the database, for the app\'s identity; its token is the password.')
output url string = 'postgres://${identityName}@${server.properties.fullyQualifiedDomainName}:5432/${database.name}?sslmode=verify-full'
