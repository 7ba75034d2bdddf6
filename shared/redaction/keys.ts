import { type Span, spansOf } from './span';

/** Tokens that tell by how they begin what they are. Each begins where a word does, so that no two readings of one run overlap. */
const tokens = [
  // OpenAI, Anthropic, OpenRouter and whoever writes keys as they do: somewhere a long run without a hyphen, unlike words joined by them.
  'sk-(?=[A-Za-z0-9_-]{20})(?:[A-Za-z0-9_]{1,15}-){0,8}(?=[A-Za-z_]{0,40}\\d)[A-Za-z0-9_]{16,}[A-Za-z0-9_-]*',
  // Stripe.
  '(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}',
  'whsec_[A-Za-z0-9+/=_-]{16,}',
  // GitHub, GitLab, npm, PyPI, Hugging Face, DigitalOcean, Shopify.
  'gh[pousr]_[A-Za-z0-9]{20,}',
  'github_pat_[A-Za-z0-9_]{20,}',
  'gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-[A-Za-z0-9_-]{16,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-[A-Za-z0-9_-]{40,}',
  'hf_[A-Za-z0-9]{20,}',
  'do[oprt]_v1_[a-f0-9]{40,}',
  'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{24,}',
  // AWS, Google.
  '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
  'AIza[A-Za-z0-9_-]{30,}',
  'ya29\\.[A-Za-z0-9_-]{20,}',
  'GOCSPX-[A-Za-z0-9_-]{20,}',
  // Slack, SendGrid, Mailgun, Twilio, Telegram, Meta, Groq, xAI, Replicate, Mem0.
  'xox[abeoprs]-[A-Za-z0-9-]{10,}',
  'xapp-[A-Za-z0-9-]{20,}',
  'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
  'key-[a-f0-9]{32}',
  'SK[a-f0-9]{32}',
  '\\d{8,10}:AA[A-Za-z0-9_-]{32,}',
  'EAA[A-Za-z0-9]{40,}',
  'gsk_[A-Za-z0-9]{32,}',
  'xai-[A-Za-z0-9]{32,}',
  'r8_[A-Za-z0-9]{32,}',
  'm0-[A-Za-z0-9]{24,}',
  // JSON Web Tokens.
  'eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*',
];
const token = new RegExp(`(?<![A-Za-z0-9_-])(?:${tokens.join('|')})`, 'dg');

const pem = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,10}-----/g;
const pemEnd = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,10}-----/g;

/** `Bearer` and `Basic` as a header has them: a word of that length in prose has no digit. */
const header = /\b(?:bearer|basic)\s{1,3}((?=[A-Za-z._~+/=-]{0,40}\d)[A-Za-z0-9._~+/=-]{16,})/dgi;

/** What is called a key or a token, and said. */
const called =
  /(?<![\p{L}\p{N}])(?:api|access|secret|auth|client|app|account|shared|access[ _-]?api|refresh|bearer|private|clave[ _-]de|token[ _-]de)[ _-]?(?:access[ _-]?)?(?:key|token|secret|api|acceso)["']?\s{0,3}(?:[:=]|is|es)\s{0,3}["']?((?=[A-Za-z._~+/=-]{0,40}\d)[A-Za-z0-9._~+/=-]{12,})/dgiu;

/** A token is a token only where it is long. */
const calledToken =
  /(?<![\p{L}\p{N}])token["']?\s{0,3}[:=]\s{0,3}["']?((?=[A-Za-z._~+/=-]{0,40}\d)[A-Za-z0-9._~+/=-]{16,})/dgiu;

/** Keys of services, tokens, private keys in PEM. */
export function findKeys(text: string): Span[] {
  return [
    ...spansOf('apiKey', token, text),
    ...spansOf('apiKey', header, text, 1),
    ...spansOf('apiKey', called, text, 1),
    ...spansOf('apiKey', calledToken, text, 1),
    ...privateKeys(text),
  ];
}

/** From the first line to the last; one that is cut off goes on to the end of the text. */
function privateKeys(text: string): Span[] {
  const spans: Span[] = [];
  pem.lastIndex = 0;
  for (let begin = pem.exec(text); begin; begin = pem.exec(text)) {
    pemEnd.lastIndex = pem.lastIndex;
    const end = pemEnd.exec(text) ? pemEnd.lastIndex : text.length;
    spans.push({ kind: 'apiKey', start: begin.index, end });
    pem.lastIndex = end;
  }
  return spans;
}
