// A VM that nobody reaches from outside, with a data disk that outlives it. Plain Bicep of the older kind, so that checkov can read it.

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Name of the VM, and the beginning of the names of its disks and its network interface.')
param name string

@description('Subnet of the VM. Its network security group says who gets in.')
param subnetId string

@description('Resource ID of the VM\'s identity.')
param identityId string

@description('What cloud-init does at the first boot, as text.')
param cloudInit string

@description('Size of the VM: one with Premium SSD and accelerated networking.')
param vmSize string

@minValue(4)
@description('Size of the data disk, at LUN 0. It can grow later, never shrink.')
param dataDiskGb int

@description('Availability zone of the VM and its data disk, as an array of one; empty: none.')
param zones array

@description('Name of the administrator.')
param adminUsername string = 'keepsake'

@description('Public SSH key of the administrator.')
param sshPublicKey string

@description('Encryption on the host, of caches and temporary disks too.')
param encryptionAtHost bool

@description('Login by Entra ID. Gives the VM a system-assigned identity, too.')
param entraLogin bool

resource networkInterface 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: '${name}-nic'
  location: location
  tags: tags
  properties: {
    enableAcceleratedNetworking: true
    ipConfigurations: [
      {
        name: 'private'
        properties: {
          privateIPAllocationMethod: 'Dynamic'
          subnet: { id: subnetId }
        }
      }
    ]
  }
}

resource dataDisk 'Microsoft.Compute/disks@2024-03-02' = {
  // checkov:skip=CKV_AZURE_2: asks for Azure Disk Encryption in the guest; the disk is encrypted by the platform, always
  // checkov:skip=CKV_AZURE_93: keys of the platform; a key of one's own would be one more thing that can lock the index out
  name: '${name}-data'
  location: location
  tags: tags
  zones: zones
  sku: { name: 'Premium_LRS' }
  properties: {
    creationData: { createOption: 'Empty' }
    diskSizeGB: dataDiskGb
    networkAccessPolicy: 'DenyAll'
    publicNetworkAccess: 'Disabled'
  }
}

resource virtualMachine 'Microsoft.Compute/virtualMachines@2024-07-01' = {
  // checkov:skip=CKV_AZURE_50: the one extension is Microsoft's login by Entra ID, and only where it is asked for
  // checkov:skip=CKV_AZURE_97: a parameter, since a deployment fails where the subscription has not registered the feature
  // checkov:skip=CKV_AZURE_151: is about Windows; encryptionAtHost is a parameter
  name: name
  location: location
  tags: tags
  zones: zones
  identity: {
    type: entraLogin ? 'SystemAssigned, UserAssigned' : 'UserAssigned'
    #disable-next-line simplify-interpolation // a name has to be a string
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    hardwareProfile: { vmSize: vmSize }
    securityProfile: {
      securityType: 'TrustedLaunch'
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true }
      encryptionAtHost: encryptionAtHost
    }
    storageProfile: {
      imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' }
      osDisk: {
        name: '${name}-system'
        createOption: 'FromImage'
        caching: 'ReadWrite'
        deleteOption: 'Delete'
        managedDisk: { storageAccountType: 'Premium_LRS' }
      }
      dataDisks: [
        {
          lun: 0
          createOption: 'Attach'
          caching: 'None'
          deleteOption: 'Detach'
          managedDisk: { id: dataDisk.id }
        }
      ]
    }
    osProfile: {
      computerName: name
      adminUsername: adminUsername
      customData: base64(cloudInit)
      linuxConfiguration: {
        disablePasswordAuthentication: true
        ssh: { publicKeys: [{ path: '/home/${adminUsername}/.ssh/authorized_keys', keyData: sshPublicKey }] }
        provisionVMAgent: true
        patchSettings: {
          patchMode: 'AutomaticByPlatform'
          assessmentMode: 'AutomaticByPlatform'
          automaticByPlatformSettings: { rebootSetting: 'IfRequired' }
        }
      }
    }
    // The address of the interface stays when the VM is made anew, and with it the app's QDRANT_URL and the certificate.
    networkProfile: { networkInterfaces: [{ id: networkInterface.id, properties: { deleteOption: 'Detach' } }] }
    diagnosticsProfile: { bootDiagnostics: { enabled: true } }
  }
}

resource entraSsh 'Microsoft.Compute/virtualMachines/extensions@2024-07-01' = if (entraLogin) {
  parent: virtualMachine
  name: 'AADSSHLoginForLinux'
  location: location
  tags: tags
  properties: {
    publisher: 'Microsoft.Azure.ActiveDirectory'
    type: 'AADSSHLoginForLinux'
    typeHandlerVersion: '1.0'
    autoUpgradeMinorVersion: true
  }
}

@description('Address of the VM in its network.')
output privateIp string = networkInterface.properties.ipConfigurations[0].properties.privateIPAddress

@description('Resource ID of the VM.')
output vmId string = virtualMachine.id
