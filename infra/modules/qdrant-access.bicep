// Secrets of Qdrant's VM, and what its identity may do: read its key, keep its certificate, write snapshots. Nothing else.

@description('Vault that holds the secrets.')
param vaultName string

@description('Storage account of the snapshots.')
param storageName string

@description('Container of the snapshots.')
param containerName string

@description('Principal of the VM\'s identity.')
param principalId string

@description('Key that Qdrant asks its callers for. Counts at the first deployment only.')
@secure()
param apiKey string

var roleIds = loadJsonContent('../roles.json')
var keyRole = 'Key Vault Secrets User'
var certificateRole = 'Key Vault Secrets Officer'
var snapshotRole = 'Storage Blob Data Contributor'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: vaultName }
resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = {
  name: '${storageName}/default/${containerName}'
}

// A later deployment leaves what is there: a key or a certificate that changes under a running server locks the app out.
@onlyIfNotExists()
resource key 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'qdrant-api-key'
  properties: { value: apiKey, contentType: 'QDRANT_API_KEY' }
}

// The VM makes both at its first boot; until then they say none.
@onlyIfNotExists()
resource tls 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = [
  for name in ['qdrant-tls-key', 'qdrant-ca-certificate']: {
    parent: vault
    name: name
    #disable-next-line use-secure-value-for-secure-inputs
    properties: { value: 'none', contentType: 'application/x-pem-file' }
  }
]

resource readsKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: key
  name: guid(key.id, principalId, keyRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[keyRole])
  }
}

resource keepsCertificate 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for index in range(0, 2): {
    scope: tls[index]
    name: guid(tls[index].id, principalId, certificateRole)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[certificateRole])
    }
  }
]

resource writesSnapshots 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: container
  name: guid(container.id, principalId, snapshotRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[snapshotRole])
  }
}
