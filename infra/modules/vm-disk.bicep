// How full the disks of a VM are, into the workspace's table Perf: no metric of the platform tells it, and Qdrant's own API neither.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('The VM, in this resource group, with a user-assigned identity, by which its agent is let in.')
param vmId string

@description('Log Analytics workspace that takes the readings.')
param workspaceId string

resource machine 'Microsoft.Compute/virtualMachines@2024-07-01' existing = {
  name: last(split(vmId, '/'))
}

resource agent 'Microsoft.Compute/virtualMachines/extensions@2024-07-01' = {
  parent: machine
  name: 'AzureMonitorLinuxAgent'
  location: location
  tags: tags
  properties: {
    publisher: 'Microsoft.Azure.Monitor'
    type: 'AzureMonitorLinuxAgent'
    typeHandlerVersion: '1.33'
    autoUpgradeMinorVersion: true
    enableAutomaticUpgrade: true
    settings: {
      authentication: {
        managedIdentity: {
          'identifier-name': 'mi_res_id'
          'identifier-value': first(objectKeys(machine.identity.userAssignedIdentities))
        }
      }
    }
  }
}

resource rule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: 'keepsake-disk'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataSources: {
      performanceCounters: [
        {
          name: 'disk'
          streams: ['Microsoft-Perf']
          samplingFrequencyInSeconds: 60
          counterSpecifiers: ['Logical Disk(*)\\% Used Space']
        }
      ]
    }
    destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: workspaceId }] }
    dataFlows: [{ streams: ['Microsoft-Perf'], destinations: ['workspace'] }]
  }
}

resource association 'Microsoft.Insights/dataCollectionRuleAssociations@2024-03-11' = {
  scope: machine
  name: 'keepsake-disk'
  properties: { dataCollectionRuleId: rule.id }
}
