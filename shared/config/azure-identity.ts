import type { TokenCredential } from '@azure/identity';

/** Who this app is towards Azure. The library is loaded at the first call; tokens are cached by what it gives. */
export type Credential = () => Promise<TokenCredential>;

/**
 * In Azure the app's managed identity, `clientId` among several; on a laptop whoever signed in with `az login`. Never rejects itself:
 * that there is no identity shows where a token is asked for. "DefaultAzureCredential", @azure/identity 4.
 */
export function createCredential(clientId: string | undefined): Credential {
  let loading: Promise<TokenCredential> | undefined;
  const load = async () => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential({ managedIdentityClientId: clientId });
  };
  return () => {
    loading ??= load();
    return loading;
  };
}
