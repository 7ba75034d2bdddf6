// The app: Flex Consumption, in the network, with an identity in place of keys.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the app.')
param name string

@description('Name of its plan.')
param planName string

@description('Subnet of the app, delegated to Flex Consumption.')
param subnetId string

@description('The app\'s identity.')
param identityId string

@description('Whether instances are spread over the zones of the region.')
param zoneRedundant bool

@description('How many instances always stand ready for requests.')
@minValue(0)
param alwaysReady int

@description('How many instances there are at most, for requests and for each timer and queue.')
@minValue(1)
@maxValue(1000)
param maximumInstances int

@description('Container that the app is deployed from.')
param packageContainerUrl string

@description('Settings of the app and of its host by their names.')
param settings object

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  // checkov:skip=CKV_AZURE_225: the size decides
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

var config = {
  runtime: { name: 'node', version: '22' }
  deployment: {
    storage: {
      type: 'blobContainer'
      value: packageContainerUrl
      authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
    }
  }
  scaleAndConcurrency: {
    instanceMemoryMB: 2048
    maximumInstanceCount: maximumInstances
    alwaysReady: alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: alwaysReady }]
    // An embedding takes the one core of an instance.
    triggers: { http: { perInstanceConcurrency: 8 } }
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  // checkov:skip=CKV_AZURE_17: bots and channels have no client certificates; a function key or the channel's signature lets them in
  // checkov:skip=CKV_AZURE_212: Flex Consumption counts instances in functionAppConfig
  // checkov:skip=CKV_AZURE_213: Flex Consumption has no health check path; it replaces instances itself
  // checkov:skip=CKV_AZURE_222: bots and the channels' webhooks call from the internet
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    // A key cannot be written otherwise.
    #disable-next-line simplify-interpolation
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    // Nothing here refers to the vault; a setting that is added by hand may.
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    vnetRouteAllEnabled: true
    functionAppConfig: union(config, {
      // Requests under way end before an instance is replaced. Azure takes this, and its published types do not have it yet.
      siteUpdateStrategy: { type: 'RollingUpdate' }
    })
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
  }

  resource appSettings 'config' = { name: 'appsettings', properties: settings }

  // Deployments sign in with Entra: the passwords of the publishing profile are off.
  resource ftp 'basicPublishingCredentialsPolicies' = { name: 'ftp', properties: { allow: false } }
  resource scm 'basicPublishingCredentialsPolicies' = { name: 'scm', properties: { allow: false } }
}

@description('Name of the app.')
output name string = app.name

@description('Address of the app.')
output uri string = 'https://${app.properties.defaultHostName}'
