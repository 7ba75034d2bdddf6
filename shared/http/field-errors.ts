import type { z } from 'zod';
import type { FieldError } from './problem';

export const unknownField = 'is not a field of this request';
/** A name that the caller made up is cut short: it may be long. */
export const longestPath = 64;

/** Every field that does not fit. */
export const toFieldErrors = ({ issues }: z.ZodError): FieldError[] => issues.flatMap(ofIssue);

function ofIssue(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key.slice(0, longestPath)].join('.'), message: unknownField }));
  }
  return [{ path: path.join('.'), message: issue.message }];
}
