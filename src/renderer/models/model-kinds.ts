import type { ModelEndpoint } from '../../api/index.ts';

export type Kind = 'ollama' | 'lm-studio' | 'other' | 'anthropic';

interface KindFacts {
  label: string;
  provider: ModelEndpoint['provider'];
  /** What is usual, to begin with. */
  name: string;
  baseUrl: string;
  needsKey: boolean;
  /** Where the names of its models are found. */
  hint: string;
}

export const kinds: Record<Kind, KindFacts> = {
  ollama: {
    label: 'Ollama',
    provider: 'openai-compatible',
    name: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    needsKey: false,
    hint: 'As “ollama list” names it, for example llama3.2.',
  },
  'lm-studio': {
    label: 'LM Studio',
    provider: 'openai-compatible',
    name: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    needsKey: false,
    hint: 'As LM Studio names it under “Local server”.',
  },
  other: {
    label: 'Other, OpenAI-compatible',
    provider: 'openai-compatible',
    name: '',
    baseUrl: '',
    needsKey: true,
    hint: 'As the server names it.',
  },
  anthropic: {
    label: 'Anthropic',
    provider: 'anthropic',
    name: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    needsKey: true,
    hint: 'As Anthropic names it, for example claude-sonnet-5.',
  },
};

/** @returns which kind an endpoint is, as far as its address tells. */
export function kindOf({ provider, baseUrl }: Pick<ModelEndpoint, 'provider' | 'baseUrl'>): Kind {
  if (provider === 'anthropic') return 'anthropic';
  if (/:11434\b/.test(baseUrl)) return 'ollama';
  return /:1234\b/.test(baseUrl) ? 'lm-studio' : 'other';
}
