import type { Homes } from '../memory/homes';
import type { MemoryProvider } from '../memory/provider';
import type { Selection } from '../memory/providers';
import type { Redaction } from '../redaction/redaction';
import type { RunRow } from './checkpoints';
import { assertReadable, openFileSource } from './file-source';
import { loadMapping, type Mapping } from './mapping';
import { type Endpoint, MigrationError, type MigrationRequest, type Progress } from './migration-contract';
import { createPace, type Pace } from './pace';
import { type FullRequest, nameOf, readKept, readRequest } from './request';
import { createProviderSource, type Source } from './source';
import type { MigrationTiming } from './timing';

/** A run that is to be carried out, or looked at. */
export interface Opened {
  run: RunRow;
  source: Source;
  target: MemoryProvider;
  pace: Pace;
  mapping: Mapping;
  request: ReturnType<typeof readKept>;
}

/** Finds what a run is made of. Methods throw, or reject with, `MigrationError` where an end is not set up, or a file cannot be read. */
export interface Opening {
  /** The request with its defaults, and ends that are there: nothing is noted of one that cannot begin. */
  readAsked(asked: MigrationRequest): Promise<FullRequest>;
  sourceOf(from: Endpoint, request: Omit<FullRequest, 'from'>, onProgress: Progress): Promise<Source>;
  targetOf(to: Endpoint): MemoryProvider;
  paceOf(provider: MemoryProvider, atMost: number): Pace;
  /** A run as it was kept. `handedOver` is its source where it names none. */
  open(run: RunRow, onProgress: Progress, handedOver?: Source): Promise<Opened>;
}

export function createOpening(
  providers: (name: MemoryProvider['name']) => MemoryProvider,
  redaction: Redaction,
  homes: Pick<Homes, 'of'>,
  selection: Pick<Selection, 'first' | 'newPeople'> | undefined,
  timing: MigrationTiming,
): Opening {
  const paceOf = (provider: MemoryProvider, atMost: number) => createPace(provider, { ...timing, atMost });

  const targetOf = (end: Endpoint): MemoryProvider => {
    if (typeof end === 'string') return providers(end);
    throw new MigrationError('invalid_request', 'A file is written whole, and is no target of a run.');
  };

  /** Of people those who began at a provider, as a new one. */
  const atHome = (provider: MemoryProvider['name']) => async (userIds: string[]) => {
    const known = await homes.of(userIds);
    return userIds.filter((userId) => known.get(userId) === provider);
  };

  const sourceOf = async (
    from: Endpoint,
    request: Omit<FullRequest, 'from'>,
    onProgress: Progress,
  ): Promise<Source> => {
    if (typeof from !== 'string') {
      // Masking takes most of the time, and changes no count.
      const masked = request.dryRun ? null : redaction;
      return openFileSource({ file: from.file, selection: request, redaction: masked, onProgress });
    }
    const provider = providers(from);
    const pace = paceOf(provider, request.concurrency);
    return createProviderSource(provider, pace, request, request.newPeople ? atHome(from) : undefined);
  };

  const open = async (run: RunRow, onProgress: Progress, handedOver?: Source): Promise<Opened> => {
    const request = readKept(run.request);
    const mapping = await loadMapping(request.mapping);
    const target = targetOf(request.to);
    const source = handedOver ?? (request.from && (await sourceOf(request.from, request, onProgress)));
    if (!source)
      throw new MigrationError(
        'not_resumable',
        'What it brought was handed over: hand it over again, nothing comes twice.',
      );
    return { run, source, target, pace: paceOf(target, request.concurrency), mapping, request };
  };

  /** People change their home once, when nobody else can begin at the old one any more. */
  const assertSettled = ({ from, to }: FullRequest) => {
    if (typeof from === 'string' && selection?.newPeople !== from && selection?.first === to) return;
    throw new MigrationError(
      'invalid_request',
      selection?.newPeople === from
        ? `MEMORY_NEW_PEOPLE still names ${nameOf(from)}: take it away first, so that nobody begins there meanwhile.`
        : `New people go from a provider to the first one, ${selection?.first ?? 'which is not known here'}.`,
    );
  };

  const readAsked = async (asked: MigrationRequest): Promise<FullRequest> => {
    const request = readRequest(asked);
    for (const end of [request.from, request.to]) if (typeof end === 'string') providers(end);
    await loadMapping(request.mapping);
    if (typeof request.from !== 'string') await assertReadable(request.from.file);
    if (request.newPeople) assertSettled(request);
    return request;
  };

  return { readAsked, sourceOf, targetOf, paceOf, open };
}
