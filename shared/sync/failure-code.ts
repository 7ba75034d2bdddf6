import { EmbeddingError } from '../embedding/embedder';
import { ProviderError } from '../memory/provider';
import { IndexError } from '../search/index';
import { IncompleteListError } from './person';

/** What went wrong, for logs and reports; `signal` is that of the time there was. Pure. */
export function failureCode(error: unknown, signal: AbortSignal): string {
  if (error instanceof ProviderError) return `provider_${error.code}`;
  if (error instanceof IndexError) return `index_${error.code}`;
  if (error instanceof EmbeddingError) return 'embedding_failed';
  if (error instanceof IncompleteListError) return 'provider_list_incomplete';
  return signal.aborted ? 'time_is_up' : 'failed';
}
