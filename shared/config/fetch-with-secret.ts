import type { Secrets } from './secrets';
import type { SecretName, Settings } from './settings';

/** Where a gateway has its secrets from. Without `secrets` a refused one stays. */
export interface SecretSource<Name extends SecretName> {
  settings: Partial<Pick<Settings, Name>>;
  secrets?: Pick<Secrets, 'renew'>;
}

/** Whether a vendor did not take our secret. */
export const isRefusal = (status: number | null): boolean => status === 401 || status === 403;

/** Sends a request with a secret as it is now; once more where the vendor refused that one and there is another by now. */
export async function fetchWithSecret<Name extends SecretName>(
  { settings, secrets }: SecretSource<Name>,
  name: Name,
  send: (secret: string | undefined) => Promise<Response>,
): Promise<Response> {
  const secret = settings[name];
  const response = await send(secret);
  if (!isRefusal(response.status) || !(await secrets?.renew(name, secret))) return response;
  await response.body?.cancel();
  return send(settings[name]);
}
