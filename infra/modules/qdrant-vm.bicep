// Qdrant on a VM of its own: the VM, and what cloud-init makes of it. ../qdrant/README.md says how it lives.
// Needs, before it works: qdrant-api-key, qdrant-tls-key and qdrant-ca-certificate in the vault with the identity's roles on them, the
// identity's role Storage Blob Data Contributor on the container, and a way out to the internet (Ubuntu's packages, Qdrant's release).

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the VM, and the beginning of the names of its disks and its network interface.')
param name string

@description('Subnet of the VM. Its network security group says who may call port 6333.')
param subnetId string

@description('Resource ID of the VM\'s user-assigned identity.')
param identityId string

@description('Client ID of that identity.')
param identityClientId string

@description('URI of the Key Vault that holds the secrets of Qdrant.')
param vaultUri string

@description('URL of the blob container that takes the nightly snapshots.')
param snapshotContainerUrl string

@description('Size of the VM: one with Premium SSD and accelerated networking. Memory holds the vectors.')
param vmSize string

@minValue(4)
@description('Size of the data disk. It can grow later, never shrink.')
param dataDiskGb int

@description('Availability zone of the VM and its data disk; null: none.')
param zone string?

@description('Public SSH key of the administrator; nobody logs in by password.')
param sshPublicKey string

// The subscription has to have the feature Microsoft.Compute/EncryptionAtHost registered first, else the deployment fails.
@description('Encryption on the host, of caches and temporary disks too.')
param encryptionAtHost bool = false

@description('Login by Entra ID (az ssh vm), for those with the role Virtual Machine Administrator Login.')
param entraLogin bool = false

// What the names between @@ stand for, in vm.env and in cloud-init.yaml. Nothing that differs from one deployment to the next may be
// among it: Azure refuses other customData for a VM that exists.
var addresses = {
  IDENTITY_CLIENT_ID: identityClientId
  KEY_VAULT_URL: vaultUri
  SNAPSHOT_CONTAINER_URL: snapshotContainerUrl
}
var settings = reduce(
  items(addresses),
  loadTextContent('../qdrant/vm.env'),
  (text, entry) => replace(string(text), '@@${entry.key}@@', string(entry.value))
)
var files = {
  'config.yaml': loadFileAsBase64('../qdrant/config.yaml')
  'fetch-secrets': loadFileAsBase64('../qdrant/fetch-secrets')
  'install-qdrant': loadFileAsBase64('../qdrant/install-qdrant')
  'prepare-disk': loadFileAsBase64('../qdrant/prepare-disk')
  'qdrant-prepare.service': loadFileAsBase64('../qdrant/qdrant-prepare.service')
  'qdrant-prepare.timer': loadFileAsBase64('../qdrant/qdrant-prepare.timer')
  'qdrant-snapshot.service': loadFileAsBase64('../qdrant/qdrant-snapshot.service')
  'qdrant-snapshot.timer': loadFileAsBase64('../qdrant/qdrant-snapshot.timer')
  'qdrant.service': loadFileAsBase64('../qdrant/qdrant.service')
  'requests.sh': loadFileAsBase64('../qdrant/requests.sh')
  restore: loadFileAsBase64('../qdrant/restore')
  snapshot: loadFileAsBase64('../qdrant/snapshot')
  'start-qdrant': loadFileAsBase64('../qdrant/start-qdrant')
  'vm.env': base64(settings)
}
var cloudInit = reduce(
  items(files),
  loadTextContent('../qdrant/cloud-init.yaml'),
  (text, entry) => replace(string(text), '@@${entry.key}@@', string(entry.value))
)

module vm 'virtual-machine.bicep' = {
  params: {
    location: location
    tags: tags
    name: name
    subnetId: subnetId
    identityId: identityId
    cloudInit: cloudInit
    vmSize: vmSize
    dataDiskGb: dataDiskGb
    zones: zone == null ? [] : [zone!]
    sshPublicKey: sshPublicKey
    encryptionAtHost: encryptionAtHost
    entraLogin: entraLogin
  }
}

@description('Address of the VM in its network.')
output privateIp string = vm.outputs.privateIp

@description('Address of Qdrant, for QDRANT_URL.')
output url string = 'https://${vm.outputs.privateIp}:6333'

@description('Resource ID of the VM.')
output vmId string = vm.outputs.vmId
