// The page that shows how Keepsake does: recall, sync, outbox, errors, and what costs. Its content is ../workbook.json.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Application Insights whose telemetry is shown.')
param insightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insightsId, 'keepsake')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Keepsake'
    category: 'workbook'
    sourceId: insightsId
    serializedData: replace(loadTextContent('../workbook.json'), '@@INSIGHTS_ID@@', insightsId)
  }
}
