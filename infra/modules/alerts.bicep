// What somebody should look at. Each rule asks the workspace every five minutes and ends by itself once it is over. The app publishes
// the metrics it is told by (keepsake.*, once a minute from every instance); a gauge is one reading, so its Sum is its value.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Log Analytics workspace that is asked.')
param workspaceId string

@description('Application Insights whose telemetry counts.')
param insightsId string

@description('The VM of Qdrant; null: Qdrant is somebody else\'s to watch.')
param vmId string?

@description('Who is told by e-mail; null: alerts are seen in the portal alone.')
param actionEmail string?

var ours = '_ResourceId =~ \'${insightsId}\''

var rules = [
  {
    name: 'sync-lag'
    text: 'The search index has not been brought up to the memory provider for five minutes.'
    severity: 2
    query: 'AppMetrics | where ${ours} and Name == \'keepsake.sync.lag_seconds\' | project TimeGenerated, Value = Sum'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 300
  }
  {
    name: 'outbox-oldest'
    text: 'A write has waited for the memory provider for more than ten minutes.'
    severity: 2
    query: 'AppMetrics | where ${ours} and Name == \'keepsake.outbox.oldest_seconds\' | project TimeGenerated, Value = Sum'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 600
  }
  {
    name: 'outbox-dead'
    text: 'The memory provider refused a write for good. It lies in the outbox as dead.'
    severity: 2
    query: 'AppMetrics | where ${ours} and Name == \'keepsake.outbox.dead\' | project TimeGenerated, Value = Sum'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'health-degraded'
    text: 'Health was degraded in every reading of the last ten minutes. GET /api/health with a key says what is wrong.'
    severity: 2
    query: 'AppMetrics | where ${ours} and Name == \'keepsake.health.degraded\' | project TimeGenerated, Value = Sum'
    aggregation: 'Minimum'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'silent'
    text: 'The app has told nothing of itself for ten minutes: it does not run, or may not send telemetry. The other rules are blind then.'
    severity: 1
    query: 'AppMetrics | where ${ours} and Name == \'keepsake.health.degraded\' | summarize Value = count()'
    aggregation: 'Total'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'http-5xx'
    text: 'More than one request in twenty failed on our side.'
    severity: 1
    query: 'AppRequests | where ${ours} | summarize All = sum(ItemCount), Failed = sumif(ItemCount, toint(ResultCode) >= 500) | where All >= 20 | project Value = 100.0 * Failed / All'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 5
  }
]

var watchesVm = vmId != null
var diskRule = {
  name: 'qdrant-disk'
  text: 'A disk of the Qdrant VM is more than four fifths full. The data disk can grow without a new VM.'
  severity: 1
  // Packages of snapd are mounted as full disks.
  query: 'Perf | where _ResourceId =~ \'${vmId ?? ''}\' and ObjectName == \'Logical Disk\' and CounterName == \'% Used Space\' and InstanceName !startswith \'/snap\' | project TimeGenerated, Value = CounterValue'
  aggregation: 'Maximum'
  operator: 'GreaterThan'
  threshold: 80
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (actionEmail != null) {
  name: 'keepsake'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'keepsake'
    enabled: true
    emailReceivers: [{ name: 'operator', emailAddress: actionEmail ?? '', useCommonAlertSchema: true }]
  }
}

module vmDisk 'vm-disk.bicep' = if (watchesVm) {
  params: { location: location, tags: tags, vmId: vmId ?? '', workspaceId: workspaceId }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in concat(rules, watchesVm ? [diskRule] : []): {
    name: 'keepsake-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Keepsake: ${rule.name}'
      description: rule.text
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT10M'
      criteria: {
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            query: rule.query
            metricMeasureColumn: 'Value'
            timeAggregation: rule.aggregation
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: actionEmail == null ? [] : [actionGroup.id] }
      autoMitigate: true
      // A new workspace has no Perf table until the first reading.
      skipQueryValidation: true
    }
  }
]
