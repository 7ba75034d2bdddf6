import { InvalidArgumentError } from 'commander';

/** An option that may be given more than once. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };

/** A part of 1, as `0.02` or `2%`. */
export function share(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('It must be a share from 0 to 1, or from 0% to 100%.');
  }
  return value;
}

/** A day or a moment of ISO 8601; without a zone, in UTC. */
export function moment(text: string): Date {
  const isMoment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const at = new Date(/T.*(Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  if (!isMoment || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('It must be a day or a moment, as 2026-01-31 or 2026-01-31T09:30:00Z.');
  }
  return at;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A run's id, as `migrate run` prints it. */
export function runId(text: string): string {
  if (!uuid.test(text))
    throw new InvalidArgumentError('It must be the id of a run; keepsake migrate status lists them.');
  return text.toLowerCase();
}
