import { readFile } from 'node:fs/promises';
import { shippedPath } from '../../shared/config/shipped-files';

/** What must stand in virtual-machine.bicep, each as the line that says it. */
const promises: Record<string, RegExp> = {
  'trusted launch': /securityType: 'TrustedLaunch'/,
  'secure boot and vTPM': /uefiSettings: \{ secureBootEnabled: true, vTpmEnabled: true \}/,
  'no password': /disablePasswordAuthentication: true/,
  'patches by the platform': /patchMode: 'AutomaticByPlatform'/,
  'a data disk that outlives it, uncached, at LUN 0':
    /lun: 0\s+createOption: 'Attach'\s+caching: 'None'\s+deleteOption: 'Detach'/,
  'a premium data disk': /Microsoft\.Compute\/disks@[\s\S]*?sku: \{ name: 'Premium_LRS' \}/,
  'a data disk that nobody exports': /networkAccessPolicy: 'DenyAll'\s+publicNetworkAccess: 'Disabled'/,
};

describe('the VM of Qdrant', () => {
  let bicep: string;

  beforeAll(async () => {
    bicep = await readFile(shippedPath('infra/modules/virtual-machine.bicep'), 'utf8');
  });

  it.each(Object.entries(promises))('has %s', (_name, line) => {
    expect(bicep).toMatch(line);
    expect(bicep.replace(line, '')).not.toMatch(line);
  });

  it('has no public address', () => {
    const isPublic = /publicIPAddress/i;
    expect(bicep).not.toMatch(isPublic);
    expect(bicep.replace('subnet:', 'publicIPAddress: { id: other }\n subnet:')).toMatch(isPublic);
  });
});
