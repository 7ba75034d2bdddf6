// One network, three subnets: the app, private endpoints, Qdrant's VM. What leaves it leaves by the NAT gateway's one address.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('What makes names unique.')
param token string

@description('Address space.')
param prefix string

@description('Addresses of the app, a /26 or more.')
param appPrefix string

@description('Addresses of private endpoints.')
param endpointPrefix string

@description('Addresses of Qdrant\'s VM.')
param qdrantPrefix string

var abbreviations = loadJsonContent('../abbreviations.json')

// The last rule of each group: it comes before Azure's own, which lets the whole network in.
var denyNetwork = {
  name: 'deny-network'
  properties: {
    description: 'Whatever else comes from the network is refused.'
    priority: 4000
    direction: 'Inbound'
    access: 'Deny'
    protocol: '*'
    sourceAddressPrefix: 'VirtualNetwork'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRange: '*'
  }
}

resource qdrantRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${abbreviations.networkSecurityGroup}qdrant-${token}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'allow-qdrant-from-app'
        properties: {
          description: 'The app speaks to Qdrant over HTTPS.'
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: appPrefix
          sourcePortRange: '*'
          destinationAddressPrefix: qdrantPrefix
          destinationPortRange: '6333'
        }
      }
      denyNetwork
    ]
  }
}

resource endpointRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${abbreviations.networkSecurityGroup}endpoints-${token}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'allow-https'
        properties: {
          description: 'Storage and vault: the app and the VM, which keeps its snapshots and its certificate there.'
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefixes: [appPrefix, qdrantPrefix]
          sourcePortRange: '*'
          destinationAddressPrefix: endpointPrefix
          destinationPortRange: '443'
        }
      }
      {
        name: 'allow-postgres-from-app'
        properties: {
          description: 'Postgres: the app alone.'
          priority: 110
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: appPrefix
          sourcePortRange: '*'
          destinationAddressPrefix: endpointPrefix
          destinationPortRange: '5432'
        }
      }
      denyNetwork
    ]
  }
}

// The only public address: outbound, nothing listens on it.
resource outboundAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${abbreviations.publicIp}${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource outbound 'Microsoft.Network/natGateways@2024-05-01' = {
  name: '${abbreviations.natGateway}${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: outboundAddress.id }] }
}

resource vnet 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${abbreviations.virtualNetwork}${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [prefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: appPrefix
          defaultOutboundAccess: false
          natGateway: { id: outbound.id }
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointPrefix
          defaultOutboundAccess: false
          networkSecurityGroup: { id: endpointRules.id }
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled'
        }
      }
      {
        name: 'qdrant'
        properties: {
          addressPrefix: qdrantPrefix
          defaultOutboundAccess: false
          natGateway: { id: outbound.id }
          networkSecurityGroup: { id: qdrantRules.id }
        }
      }
    ]
  }

  resource app 'subnets' existing = { name: 'app' }
  resource endpoints 'subnets' existing = { name: 'endpoints' }
  resource qdrant 'subnets' existing = { name: 'qdrant' }
}

@description('The network.')
output vnetId string = vnet.id

@description('Subnet of the app, delegated to Flex Consumption.')
output appSubnetId string = vnet::app.id

@description('Subnet of private endpoints.')
output endpointSubnetId string = vnet::endpoints.id

@description('Subnet of Qdrant\'s VM.')
output qdrantSubnetId string = vnet::qdrant.id
