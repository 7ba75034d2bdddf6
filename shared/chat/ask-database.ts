import { type Deadline, raceSignal } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';

/** What the database says, or null when it cannot, or not in time: a chat goes on without. */
export async function askDatabase<T>(question: Promise<T>, { signal }: Deadline, logger: Logger): Promise<T | null> {
  try {
    return await raceSignal(question, signal);
  } catch (error) {
    logger.warn('chat goes on without the database', describeError(error));
    return null;
  }
}
