// Logs and metrics: a workspace, and Application Insights writing into it by identity alone.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights resource.')
param insightsName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    // The first 31 days cost nothing.
    retentionInDays: 30
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

@description('The workspace, which alerts query.')
output workspaceId string = workspace.id

@description('Application Insights.')
output insightsId string = insights.id

@description('Its name.')
output insightsName string = insights.name

@description('Where telemetry goes. No secret: without the identity\'s role nothing is taken.')
output connectionString string = insights.properties.ConnectionString
