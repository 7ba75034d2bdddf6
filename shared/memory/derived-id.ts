import { v5 } from 'uuid';

/** Keepsake's own namespace for name-based UUIDs (RFC 9562, version 5). */
const keepsake = 'f2a1c1d2-6d1e-4c0c-9a7b-3c6f0b5d8e11';

/** The same UUID for the same parts, always: what is made twice from one message gets one id and so is stored once. */
export const derivedId = (...parts: (string | number)[]): string => v5(JSON.stringify(parts), keepsake);
