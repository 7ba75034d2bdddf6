// One storage account: the host's own state, the app's package, the queue of sync, Qdrant's snapshots. Identities only, no keys.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('How often data is kept: Standard_LRS in one zone, Standard_ZRS in three.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param sku string

@description('Network that reaches the account.')
param vnetId string

@description('Subnet of private endpoints.')
param endpointSubnetId string

@description('How many days a snapshot of Qdrant is kept.')
@minValue(2)
param snapshotDays int = 14

var abbreviations = loadJsonContent('../abbreviations.json')
var packages = 'app-package'
var snapshots = 'qdrant-snapshots'
var syncQueue = 'sync-people'

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  // checkov:skip=CKV_AZURE_36: nobody comes past the private endpoints, Microsoft's own services neither
  // checkov:skip=CKV_AZURE_206: the size says how often data is kept; in one region on purpose, an index is built anew
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    publicNetworkAccess: 'Disabled'
    networkAcls: { defaultAction: 'Deny', bypass: 'None' }
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'AAD'
    isLocalUserEnabled: false
    supportsHttpsTrafficOnly: true
    minimumTlsVersion: 'TLS1_2'
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource package 'containers' = { name: packages, properties: { publicAccess: 'None' } }
    resource snapshot 'containers' = { name: snapshots, properties: { publicAccess: 'None' } }
  }

  resource queues 'queueServices' = {
    name: 'default'

    resource sync 'queues' = { name: syncQueue }
    // Where the host puts what failed maxDequeueCount times.
    resource poison 'queues' = { name: '${syncQueue}-poison' }
  }

  resource rules 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'old-snapshots'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['${snapshots}/'] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: snapshotDays } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

module endpoints 'private-endpoint.bicep' = [
  for service in ['blob', 'queue', 'table']: {
    params: {
      location: location
      tags: tags
      name: '${abbreviations.privateEndpoint}${name}-${service}'
      subnetId: endpointSubnetId
      vnetId: vnetId
      targetId: account.id
      groupId: service
      zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
    }
  }
]

@description('Name of the account.')
output name string = account.name

@description('Blob service of the account.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Queue service of the account.')
output queueEndpoint string = account.properties.primaryEndpoints.queue

@description('Table service of the account.')
output tableEndpoint string = account.properties.primaryEndpoints.table

@description('Container that the app is deployed from.')
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages}'

@description('Name of the container of Qdrant\'s snapshots.')
output snapshotContainer string = snapshots

@description('Address of that container.')
output snapshotContainerUrl string = '${account.properties.primaryEndpoints.blob}${snapshots}'

@description('Queue of people to sync; its poison queue stands beside it.')
output syncQueue string = syncQueue
