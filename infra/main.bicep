// Keepsake on Azure: this file only composes. What each part is stands in modules/.
targetScope = 'subscription'

import { secretSettings, settingValues } from 'modules/app-settings.bicep'

@description('Name of the azd environment; the names of all resources derive from it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Azure region of everything; `az functionapp list-flexconsumption-locations` lists those that have Flex Consumption.')
@minLength(1)
param location string

@description('small: what works for the least money. standard: zone redundant app, one instance always ready, more of everything.')
@allowed(['small', 'standard'])
param size string = 'small'

@description('Settings of the app by their names, as README.md lists them. Empty or left out: the default.')
param settings settingValues = {}

@description('Secret settings of the app by their names. Those that are not empty become secrets of the vault. With DATABASE_URL no Postgres server is made.')
@secure()
param secrets settingValues

@description('Address of a Qdrant server of your own, port included; its key is the secret QDRANT_API_KEY. Empty: a VM with Qdrant is made.')
param qdrantUrl string = ''

@description('Public SSH key that Azure asks for when it makes the VM; an infra hook of azd makes one. Nobody logs in with it from the internet.')
param qdrantSshPublicKey string = ''

@description('Key of the VM\'s Qdrant: made at the first deployment and kept in the vault from then on.')
@secure()
param qdrantApiKey string = newGuid()

@description('Who is told of alerts. Empty: alerts are only seen in the portal.')
param alertEmail string = ''

@description('Address space of the virtual network, a /24.')
param networkPrefix string = '10.60.0.0/24'

// Connections bound the instances: one keeps ten at most; B1ms takes 35, B2s 414.
var sizes = {
  small: {
    zoneRedundant: false
    alwaysReady: 0
    maximumInstances: 8
    storageSku: 'Standard_LRS'
    postgresSku: 'Standard_B1ms'
    vmSize: 'Standard_D2as_v5'
    dataDiskGb: 32
    zone: null
  }
  standard: {
    zoneRedundant: true
    alwaysReady: 1
    maximumInstances: 40
    storageSku: 'Standard_ZRS'
    postgresSku: 'Standard_B2s'
    vmSize: 'Standard_D4as_v5'
    dataDiskGb: 128
    zone: '1'
  }
}
var chosen = sizes[size]

var makesQdrant = empty(qdrantUrl)
var makesPostgres = empty(secrets.?DATABASE_URL ?? '')
// Names only. What belongs to the VM's Qdrant is made with it.
var givenSecrets = filter(
  secretSettings,
  name => !empty(secrets[?name] ?? '') && !(makesQdrant && startsWith(name, 'QDRANT_'))
)

var abbreviations = loadJsonContent('abbreviations.json')
var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: '${abbreviations.resourceGroup}${environmentName}'
  location: location
  tags: tags
}

module network 'modules/network.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    prefix: networkPrefix
    appPrefix: cidrSubnet(networkPrefix, 26, 0)
    endpointPrefix: cidrSubnet(networkPrefix, 26, 1)
    qdrantPrefix: cidrSubnet(networkPrefix, 26, 2)
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: '${abbreviations.logAnalytics}${token}'
    insightsName: '${abbreviations.applicationInsights}${token}'
  }
}

module appIdentity 'modules/identity.bicep' = {
  scope: group
  params: { location: location, tags: tags, name: '${abbreviations.identity}keepsake-${token}' }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.storageAccount}${token}'
    sku: chosen.storageSku
    vnetId: network.outputs.vnetId
    endpointSubnetId: network.outputs.endpointSubnetId
  }
}

module vault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.keyVault}${token}'
    secrets: secrets
    names: givenSecrets
    workspaceId: monitoring.outputs.workspaceId
    vnetId: network.outputs.vnetId
    endpointSubnetId: network.outputs.endpointSubnetId
  }
}

module postgres 'modules/postgres.bicep' = if (makesPostgres) {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.postgres}${token}'
    sku: chosen.postgresSku
    identityName: appIdentity.outputs.name
    identityPrincipalId: appIdentity.outputs.principalId
    vnetId: network.outputs.vnetId
    endpointSubnetId: network.outputs.endpointSubnetId
  }
}

module qdrantIdentity 'modules/identity.bicep' = if (makesQdrant) {
  scope: group
  params: { location: location, tags: tags, name: '${abbreviations.identity}qdrant-${token}' }
}

module qdrantAccess 'modules/qdrant-access.bicep' = if (makesQdrant) {
  scope: group
  params: {
    vaultName: vault.outputs.name
    storageName: storage.outputs.name
    containerName: storage.outputs.snapshotContainer
    principalId: qdrantIdentity!.outputs.principalId
    apiKey: qdrantApiKey
  }
}

module qdrantSshKey 'modules/ssh-key.bicep' = if (makesQdrant) {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.sshKey}${token}'
    publicKey: qdrantSshPublicKey
  }
}

module qdrantVm 'modules/qdrant-vm.bicep' = if (makesQdrant) {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.virtualMachine}${token}'
    subnetId: network.outputs.qdrantSubnetId
    identityId: qdrantIdentity!.outputs.id
    identityClientId: qdrantIdentity!.outputs.clientId
    vaultUri: vault.outputs.uri
    snapshotContainerUrl: storage.outputs.snapshotContainerUrl
    vmSize: chosen.vmSize
    dataDiskGb: chosen.dataDiskGb
    zone: chosen.zone
    sshPublicKey: qdrantSshKey!.outputs.publicKey
  }
  // It reads its key and keeps its certificate at its first boot.
  dependsOn: [qdrantAccess]
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    principalId: appIdentity.outputs.principalId
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module appSettings 'modules/app-settings.bicep' = {
  scope: group
  params: {
    identityClientId: appIdentity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    syncQueue: storage.outputs.syncQueue
    insightsConnectionString: monitoring.outputs.connectionString
    vaultUri: vault.outputs.uri
    databaseUrl: makesPostgres ? postgres!.outputs.url : null
    qdrantUrl: makesQdrant ? qdrantVm!.outputs.url : qdrantUrl
    settings: settings
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.functionApp}${token}'
    planName: '${abbreviations.plan}${token}'
    subnetId: network.outputs.appSubnetId
    identityId: appIdentity.outputs.id
    zoneRedundant: chosen.zoneRedundant
    alwaysReady: chosen.alwaysReady
    maximumInstances: chosen.maximumInstances
    packageContainerUrl: storage.outputs.packageContainerUrl
    settings: appSettings.outputs.values
  }
  // It reads its secrets as soon as it is there.
  dependsOn: [roles, qdrantAccess]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    insightsId: monitoring.outputs.insightsId
    vmId: makesQdrant ? qdrantVm!.outputs.vmId : null
    actionEmail: empty(alertEmail) ? null : alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: { location: location, tags: tags, insightsId: monitoring.outputs.insightsId }
}

@description('Region of everything.')
output AZURE_LOCATION string = location

@description('Tenant whose identities are let in.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Group that holds everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output SERVICE_API_NAME string = app.outputs.name

@description('Address of the function app.')
output SERVICE_API_URI string = app.outputs.uri

@description('Name of the vault.')
output KEY_VAULT_NAME string = vault.outputs.name

@description('Name of the storage account.')
output STORAGE_ACCOUNT_NAME string = storage.outputs.name

@description('Name of Qdrant\'s VM; empty where Qdrant is your own.')
output QDRANT_VM_NAME string = makesQdrant ? '${abbreviations.virtualMachine}${token}' : ''
