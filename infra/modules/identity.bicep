// A user-assigned identity: it can be granted roles before what uses it is there.

@description('Azure region.')
param location string

@description('Tags of the resource.')
param tags object

@description('Name of the identity.')
param name string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id, by which a resource takes the identity on.')
output id string = identity.id

@description('Name, which is also its user name in Postgres.')
output name string = identity.name

@description('Client id, by which code asks for its tokens.')
output clientId string = identity.properties.clientId

@description('Principal id, to which roles are given.')
output principalId string = identity.properties.principalId
