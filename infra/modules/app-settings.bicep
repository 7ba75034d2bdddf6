// Every setting of the app in Azure, and what its host reads beside them. Makes nothing.

@export()
@description('Values by the names of settings.')
type settingValues = { *: string }

@export()
@description('Settings that are secrets. In the vault each has its name in kebab-case.')
var secretSettings = [
  'CHAT_API_KEY'
  'DATABASE_URL'
  'LOCAL_FUNCTION_KEY'
  'MEM0_API_KEY'
  'MEM0_WEBHOOK_SECRET'
  'MIGRATION_SIGNING_KEY'
  'QDRANT_API_KEY'
  'QDRANT_CA_CERTIFICATE'
  'TELEGRAM_SECRET_TOKEN'
  'TWILIO_AUTH_TOKEN'
  'WHATSAPP_ACCESS_TOKEN'
  'WHATSAPP_APP_SECRET'
  'WHATSAPP_VERIFY_TOKEN'
  'ZEP_API_KEY'
]

@description('Client id of the app\'s identity.')
param identityClientId string

@description('Blob service of the host\'s storage.')
param blobEndpoint string

@description('Queue service of the host\'s storage.')
param queueEndpoint string

@description('Table service of the host\'s storage.')
param tableEndpoint string

@description('Queue of people to sync.')
param syncQueue string

@description('Where telemetry goes.')
param insightsConnectionString string

@description('Address of the vault, with a slash at its end.')
param vaultUri string

@description('Postgres by identity. null: the secret database-url names a server.')
param databaseUrl string?

@description('Where Qdrant is.')
param qdrantUrl string

@description('What the operator set. Empty or left out: the default.')
param settings settingValues

// Each is off, or has its default, while it is empty.
var optionalSettings = [
  'AUTH_MODE'
  'CHAT_BASE_URL'
  'CHAT_MODEL'
  'CHAT_PROVIDER'
  'CHAT_TIMEOUT_SECONDS'
  'CLASSIFIER_URL'
  'CONTEXT_TOKENS'
  'ENTITY_ID'
  'LOG_LEVEL'
  'MEM0_BASE_URL'
  'MEM0_BATCH_SIZE'
  'MEM0_FALLBACK'
  'MEM0_MAX_RETRIES'
  'MEM0_TIMEOUT'
  'MEMORY_BACKEND'
  'MEMORY_FALLBACK'
  'MEMORY_LANGUAGE'
  'MEMORY_NEW_PEOPLE'
  'MEMORY_SHADOW'
  'PUBLIC_URL'
  'QDRANT_COLLECTION'
  'RECALL_TIMEOUT_MS'
  'REDACT'
  'SYNC_INTERVAL_SECONDS'
  'USE_CLASSIFIER_SERVICE'
  'WHATSAPP_BASE_URL'
  'ZEP_BASE_URL'
]

// The app reads these from the vault itself, at its start and whenever a vendor refuses the one it has. A value here, a reference to the
// vault as well, would keep it from seeing a key that was rotated.
var leftToVault = toObject(secretSettings, name => name, name => '')

var syncSchedule = settings.?SYNC_SCHEDULE ?? ''
var migrationSchedule = settings.?MIGRATION_SCHEDULE ?? ''
var reconcileSchedule = settings.?RECONCILE_SCHEDULE ?? ''
var loadSchedule = settings.?LOAD_SCHEDULE ?? ''
var retentionSchedule = settings.?RETENTION_SCHEDULE ?? ''

var deployedSettings = {
  DATABASE_URL: databaseUrl ?? ''
  DATABASE_AUTH: databaseUrl == null ? settings.?DATABASE_AUTH ?? '' : 'entra'
  QDRANT_URL: qdrantUrl
  KEY_VAULT_URL: vaultUri
  SYNC_QUEUE_NAME: syncQueue
  // The host reads these four itself, and an empty one would keep the timer from starting.
  // The host reads these schedules itself, and an empty one would keep the timer from starting.
  SYNC_SCHEDULE: empty(syncSchedule) ? '0 * * * * *' : syncSchedule
  MIGRATION_SCHEDULE: empty(migrationSchedule) ? '15 * * * * *' : migrationSchedule
  RECONCILE_SCHEDULE: empty(reconcileSchedule) ? '0 30 3 * * *' : reconcileSchedule
  LOAD_SCHEDULE: empty(loadSchedule) ? '30 * * * * *' : loadSchedule
  RETENTION_SCHEDULE: empty(retentionSchedule) ? '0 0 4 * * *' : retentionSchedule
  AZURE_CLIENT_ID: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__queueServiceUri: queueEndpoint
  AzureWebJobsStorage__tableServiceUri: tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
}

@description('Values by names. What the operator set holds neither for secrets nor for what is deployed here.')
output values object = union(
  toObject(optionalSettings, name => name, name => ''),
  settings,
  leftToVault,
  deployedSettings
)
