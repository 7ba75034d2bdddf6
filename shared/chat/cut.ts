/** At most `max` UTF-16 units of a text, never half of a pair: Postgres keeps no JSON with one. */
export const cut = (text: string, max: number): string => text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
