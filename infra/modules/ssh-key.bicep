// The public SSH key of a VM, kept as it was at first: Azure refuses to change the key of a VM that is there.

@description('Azure region.')
param location string

@description('Tags of the resource.')
param tags object

@description('Name of the key.')
param name string

@description('Public key in OpenSSH\'s format. Counts at the first deployment only.')
param publicKey string

@onlyIfNotExists()
resource key 'Microsoft.Compute/sshPublicKeys@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: { publicKey: publicKey }
}

@description('The key that was given first.')
output publicKey string = key.properties.publicKey
