import type { Secrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { createLocalProvider } from './local';
import { createMem0Provider } from './mem0';
import type { Mem0Dependencies } from './mem0-gateway';
import type { MemoryProvider } from './provider';
import { createZepProvider, type ZepDependencies } from './zep';

export type ProviderName = MemoryProvider['name'];

export interface Selection {
  /** The truth. */
  first: ProviderName;
  /** Stands in for it while it fails. */
  fallback: ProviderName | null;
  /** Asked along, and scored. */
  shadow: ProviderName | null;
  /** Keeps the people whom the first one does not know. */
  newPeople: ProviderName | null;
}

type ProviderSettings = Pick<
  Settings,
  | 'MEMORY_BACKEND'
  | 'MEMORY_FALLBACK'
  | 'MEMORY_SHADOW'
  | 'MEMORY_NEW_PEOPLE'
  | 'MEM0_FALLBACK'
  | 'MEM0_API_KEY'
  | 'ZEP_API_KEY'
>;

/** Which providers the settings name. While nobody knows whether there is a key, there counts as one, and writes wait for it. */
export function selectProviders(settings: ProviderSettings, secrets: Pick<Secrets, 'isUnknown'>): Selection {
  const mayHave = (name: 'MEM0_API_KEY' | 'ZEP_API_KEY') => settings[name] !== undefined || secrets.isUnknown(name);
  const byKey = (): ProviderName => {
    if (mayHave('MEM0_API_KEY')) return 'mem0';
    return mayHave('ZEP_API_KEY') ? 'zep' : 'local';
  };
  const first = settings.MEMORY_BACKEND ?? byKey();
  const other = (name: ProviderName | 'none') => (name === 'none' || name === first ? null : name);
  // The earlier name says that Mem0 is the fallback; where Mem0 is the truth itself, that it has one.
  const earlier = settings.MEM0_FALLBACK ? (other('mem0') ?? other('local')) : null;
  const fallback = other(settings.MEMORY_FALLBACK) ?? earlier;
  const shadow = other(settings.MEMORY_SHADOW);
  const target = other(settings.MEMORY_NEW_PEOPLE);
  // Whoever stands in, or is asked along, deletes what it keeps of others, or is sent it twice: it cannot keep people of its own.
  return { first, fallback, shadow, newPeople: target === fallback || target === shadow ? null : target };
}

/** Providers by their names, each made once: all who ask for one share its circuit. `given` take the place of ours. */
export function createProviders(
  dependencies: Mem0Dependencies & ZepDependencies,
  given: Partial<Record<ProviderName, MemoryProvider>> = {},
): (name: ProviderName) => MemoryProvider {
  const makers: Record<ProviderName, () => MemoryProvider> = {
    mem0: () => createMem0Provider(dependencies),
    zep: () => createZepProvider(dependencies),
    local: () => createLocalProvider(dependencies.database, dependencies.now),
  };
  const made = new Map<ProviderName, MemoryProvider>();
  return (name) => {
    const provider = made.get(name) ?? given[name] ?? makers[name]();
    made.set(name, provider);
    return provider;
  };
}
