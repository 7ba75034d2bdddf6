import { output } from '@azure/functions';

/** A storage queue as a binding names it; the host puts the setting's value in. */
const named = (suffix: string) => ({ queueName: `%SYNC_QUEUE_NAME%${suffix}`, connection: 'AzureWebJobsStorage' });

/** Where batches of people wait to be synced, and where the host puts one that failed too often. */
export const syncQueue = named('');
export const poisonQueue = named('-poison');
/** What a timer's function puts there. */
export const batchesOutput = output.storageQueue(syncQueue);
