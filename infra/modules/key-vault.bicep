// The vault: RBAC, private, and not to be emptied for good. It holds the secrets that the operator gave, each under its
// setting's name in kebab-case.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Values by the names of settings.')
@secure()
param secrets object

@description('Settings among them that have one.')
param names array

@description('Workspace that is told who read what.')
param workspaceId string

@description('Network that reaches the vault.')
param vnetId string

@description('Subnet of private endpoints.')
param endpointSubnetId string

var abbreviations = loadJsonContent('../abbreviations.json')

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    // Deployments write secrets through Azure Resource Manager, which comes by this door.
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }
}

resource given 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = [
  for setting in names: {
    // checkov:skip=CKV_AZURE_41: vendors' keys end when they are rotated there; an expired secret would stop the app
    parent: vault
    name: toLower(replace(setting, '_', '-'))
    tags: tags
    properties: { value: secrets[setting], contentType: setting }
  }
]

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    location: location
    tags: tags
    name: '${abbreviations.privateEndpoint}${name}'
    subnetId: endpointSubnetId
    vnetId: vnetId
    targetId: vault.id
    groupId: 'vault'
    zoneName: 'privatelink.vaultcore.azure.net'
  }
}

@description('Name of the vault.')
output name string = vault.name

@description('Address of the vault, with a slash at its end.')
output uri string = vault.properties.vaultUri
