import type { ModelServer } from './model-server';

/** The settings under which Keepsake asks this chat model. */
export const modelSettings = ({ url, apiKey, model }: ModelServer): NodeJS.ProcessEnv => ({
  ...{ CHAT_PROVIDER: 'openai-compatible', CHAT_BASE_URL: url, CHAT_API_KEY: apiKey, CHAT_MODEL: model },
});
