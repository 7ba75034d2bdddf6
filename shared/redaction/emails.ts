import { type Span, spansOf } from './span';

const email =
  /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/dgu;

export const findEmails = (text: string): Span[] => (text.includes('@') ? spansOf('email', email, text) : []);
