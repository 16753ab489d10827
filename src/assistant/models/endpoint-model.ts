import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { fetchHere, RedirectRefused, refusedAddress } from '../address.ts';
import type { ModelEndpoint } from '../agent-settings-data.ts';
import type { ConnectionTest } from '../agent-settings.ts';
import { RunError } from '../run.ts';
import { withoutKey } from './model-errors.ts';

/**
 * Makes a model of an endpoint, in the wire format of its provider.
 * @throws RunError MODEL_REFUSED if its address may not be used.
 */
export function endpointModel(endpoint: ModelEndpoint, name: string, key: string | undefined): LanguageModelV4 {
  const { provider, id, plainHttp } = endpoint;
  const baseURL = endpoint.baseUrl.replace(/\/+$/, '');
  const refused = refusedAddress(baseURL, plainHttp);
  if (refused !== undefined) throw new RunError('MODEL_REFUSED', `${endpoint.name}: ${refused}`);
  if (provider === 'anthropic')
    // Without a key it would take one from the environment.
    return createAnthropic({ baseURL, apiKey: key ?? 'none', fetch: fetchHere, name: id }).languageModel(name);
  return createOpenAICompatible({
    baseURL,
    name: id,
    includeUsage: true,
    fetch: fetchHere,
    ...(key !== undefined && { apiKey: key }),
  }).chatModel(name);
}

const listedMax = 200;

/**
 * Tries an endpoint: lists its models, or, where it has no list, asks its first model for one token.
 * @param key as it would be sent.
 */
export async function testEndpoint(
  endpoint: ModelEndpoint,
  key: string | undefined,
  signal: AbortSignal,
): Promise<ConnectionTest> {
  const started = performance.now();
  const result = (ok: boolean, says: string, found: string[] = []): ConnectionTest => {
    return { ok, says: withoutKey(says, key), ms: Math.round(performance.now() - started), found };
  };
  const base = endpoint.baseUrl.replace(/\/+$/, '');
  const refused = refusedAddress(base, endpoint.plainHttp);
  if (refused !== undefined) return result(false, refused);
  const wanted = endpoint.models.map(({ name }) => name);
  try {
    const response = await fetchHere(`${base}/models`, { headers: headersOf(endpoint, key), signal });
    if (response.status === 401 || response.status === 403)
      return result(false, key === undefined ? 'It wants a key.' : 'It refuses the key.');
    const found = response.ok ? namesIn(await response.json().catch(() => undefined)) : undefined;
    if (found) {
      const missing = wanted.filter((name) => !found.includes(name));
      const ms = Math.round(performance.now() - started);
      if (missing.length === 0) return result(true, `Answers in ${ms} ms and has ${wanted.join(', ')}.`, found);
      return result(
        false,
        `Answers, but has no model ${missing.join(', ')}. It lists ${found.slice(0, 10).join(', ') || 'none'}.`,
        found,
      );
    }
    await response.body?.cancel().catch(() => {});
    return await oneToken(endpoint, key, signal, result);
  } catch (error) {
    if (signal.aborted) return result(false, 'It does not answer in time.');
    if (error instanceof RedirectRefused) return result(false, error.message);
    return result(false, 'Nothing answers at this address. Is it running?');
  }
}

async function oneToken(
  endpoint: ModelEndpoint,
  key: string | undefined,
  signal: AbortSignal,
  result: (ok: boolean, says: string) => ConnectionTest,
): Promise<ConnectionTest> {
  const [{ name } = { name: '' }] = endpoint.models;
  const isAnthropic = endpoint.provider === 'anthropic';
  const response = await fetchHere(`${endpoint.baseUrl.replace(/\/+$/, '')}/${isAnthropic ? 'messages' : 'chat/completions'}`, {
    method: 'POST',
    headers: { ...headersOf(endpoint, key), 'content-type': 'application/json' },
    body: JSON.stringify({ model: name, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }),
    signal,
  });
  await response.body?.cancel().catch(() => {});
  if (response.ok) return result(true, `Answers, and has ${name}.`);
  if (response.status === 401 || response.status === 403)
    return result(false, key === undefined ? 'It wants a key.' : 'It refuses the key.');
  if (response.status === 404)
    return result(false, `It has no model ${name}, or its address is another (often it ends with /v1).`);
  if (response.status === 429) return result(false, 'It answers, but takes no more requests just now.');
  return result(false, `It answers with a fault (HTTP ${response.status}).`);
}

function headersOf({ provider }: ModelEndpoint, key: string | undefined): Record<string, string> {
  if (provider === 'anthropic') return { 'anthropic-version': '2023-06-01', ...(key !== undefined && { 'x-api-key': key }) };
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

/** Both providers list models as `{"data": [{"id": …}]}`. */
function namesIn(body: unknown): string[] | undefined {
  const { data } = (body ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) return undefined;
  const names = data.map((one) => (one as { id?: unknown } | null)?.id).filter((id) => typeof id === 'string');
  return names.slice(0, listedMax);
}
