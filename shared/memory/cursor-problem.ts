import { ProblemError } from '../http/problem';
import { CursorError } from './cursor';

/** For `catch`: a cursor that we never gave out is the caller's 400; any other error stays what it is. */
export const toCursorProblem = (error: unknown): unknown =>
  error instanceof CursorError
    ? new ProblemError(400, error.message, [{ path: 'cursor', message: 'is not one of this list' }])
    : error;
