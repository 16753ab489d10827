import { streamText } from 'ai';
import { afterEach, describe, expect, test } from 'vitest';
import { inTurn, startFakeModel, type FakeModel, type Fault, type Said, type Script } from '../../../test/fake-model.ts';
import type { ModelEndpoint } from '../agent-settings-data.ts';
import { RunError } from '../run.ts';
import { testEndpoint } from './endpoint-model.ts';
import { createModels } from './models.ts';

const key = 'sk-very-secret-1';
const opened: FakeModel[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((fake) => fake.close()));
});

async function start(script: Script, options?: Parameters<typeof startFakeModel>[1]): Promise<FakeModel> {
  const fake = await startFakeModel(script, { key, ...options });
  opened.push(fake);
  return fake;
}

const endpointOf = (baseUrl: string, over: Partial<ModelEndpoint> = {}): ModelEndpoint => ({
  id: 'fake',
  provider: 'openai-compatible',
  name: 'Fake',
  baseUrl,
  models: [{ name: 'fake-1', contextTokens: 8000, inputPrice: 2, outputPrice: 10 }],
  ...over,
});

const bounds = { firstDelayMs: 1, delayMaxMs: 5, firstTokenMs: 300, betweenTokensMs: 300, restMs: 60_000 };
const modelsOf = (endpoint: ModelEndpoint, secret: string | undefined = key) =>
  createModels({
    settings: { data: { models: [endpoint] } },
    secrets: { get: async () => secret, set: async () => {}, delete: async () => {} },
    bounds,
  });

/** Asks the model once; what was shown before it failed is kept too. */
async function ask(models: ReturnType<typeof createModels>, signal?: AbortSignal) {
  const opened = await models.open('fake/fake-1');
  const { model } = opened;
  let text = '';
  let error: unknown;
  const result = streamText({ model, prompt: 'Hi', maxRetries: 0, ...(signal && { abortSignal: signal }), onError: () => {} });
  for await (const part of result.stream) {
    if (part.type === 'text-delta') text += part.text;
    if (part.type === 'error') ({ error } = part);
    if (part.type === 'abort') error = signal?.reason;
  }
  return { text, error, used: error === undefined ? opened.usage(await result.usage) : undefined };
}

describe.each(['openai-compatible', 'anthropic'] as const)('%s', (provider) => {
  test('streams text, and counts tokens and their cost', async () => {
    const fake = await start(inTurn({ text: ['Hel', 'lo'], usage: { input: 1000, output: 100 } }));
    const { text, used } = await ask(modelsOf(endpointOf(fake.url, { provider })));
    expect(text).toBe('Hello');
    expect(used).toEqual({ inputTokens: 1000, outputTokens: 100, cost: 0.003 });
    expect(fake.requests[0]).toMatchObject({ api: provider === 'anthropic' ? 'anthropic' : 'openai', model: 'fake-1' });
  });

  test.each<[string, Fault]>([
    ['a 429', { fault: 'status', status: 429, headers: { 'retry-after': '0' } }],
    ['a 500', { fault: 'status', status: 500 }],
    ['an overload', { fault: 'status', status: 529 }],
    ['a stream that is cut before its first piece', { fault: 'cut' }],
    ['a stream that ends before its first piece', { fault: 'ended' }],
    ['a malformed first chunk', { fault: 'malformed' }],
    ['silence', { fault: 'silent' }],
  ])('after %s it asks again', async (_name, fault) => {
    const fake = await start(inTurn(fault, { text: 'Here.' }));
    expect(await ask(modelsOf(endpointOf(fake.url, { provider })))).toMatchObject({ text: 'Here.', error: undefined });
    expect(fake.requests).toHaveLength(2);
  });

  test.each<[string, Fault, string]>([
    ['cut', { fault: 'cut', text: 'Once upon' }, 'MODEL_'],
    ['ended', { fault: 'ended', text: 'Once upon' }, 'MODEL_BROKE_OFF'],
    ['malformed', { fault: 'malformed', text: 'Once upon' }, 'MODEL_BROKE_OFF'],
    ['silent', { fault: 'silent', text: 'Once upon' }, 'TIMEOUT'],
  ])('what was shown is not asked for again: a stream that is %s', async (_name, fault, code) => {
    const fake = await start(inTurn(fault, { text: 'Never.' }));
    const { text, error } = await ask(modelsOf(endpointOf(fake.url, { provider })));
    expect(text).toBe('Once upon');
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({ code: expect.stringContaining(code), transient: false });
    expect(fake.requests).toHaveLength(1);
  });

  test('a slow answer is no silent one', async () => {
    const fake = await start(inTurn({ fault: 'drip', ms: 40, text: ['slo', 'wly', ' ', 's', 'a', 'i', 'd', ' ', 'it'] }));
    expect(await ask(modelsOf(endpointOf(fake.url, { provider })))).toMatchObject({ text: 'slowly said it', error: undefined });
  });

  test('a key that is refused is said, without the key, and not tried again', async () => {
    const fake = await start(inTurn({ text: 'no' }));
    const { error } = await ask(modelsOf(endpointOf(fake.url, { provider }), 'sk-wrong-secret'));
    expect(error).toMatchObject({ code: 'MODEL_REFUSED', transient: false, message: expect.stringContaining('refuses the key') });
    expect(String(error)).not.toContain('sk-wrong-secret');
  });

  test('no redirect is followed, so that a key reaches no other host', async () => {
    const thief = await start(inTurn({ text: 'thanks' }));
    const fake = await start(inTurn({ fault: 'redirect', to: `${thief.url}/messages` }));
    const { error } = await ask(modelsOf(endpointOf(fake.url, { provider })));
    expect(error).toMatchObject({ code: 'MODEL_REFUSED', message: expect.stringContaining('redirects to') });
    expect(thief.requests).toHaveLength(0);
    expect(fake.requests).toHaveLength(1);
  });

  test('stopping ends the request at once', async () => {
    const fake = await start(inTurn({ fault: 'silent', text: 'Once' }));
    const stop = new AbortController();
    const asked = ask(modelsOf(endpointOf(fake.url, { provider })), stop.signal);
    while (fake.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort('stopped');
    expect(await asked).toMatchObject({ error: 'stopped' });
    await expect.poll(() => fake.requests[0]?.aborted).toBe(true);
    expect(fake.requests).toHaveLength(1);
  });
});

test('a pause that is too long to wait for is left to the worker', async () => {
  const fake = await start(inTurn({ fault: 'status', status: 429, headers: { 'retry-after': '3600' } }));
  const { error } = await ask(modelsOf(endpointOf(fake.url)));
  expect(error).toMatchObject({ code: 'MODEL_BUSY', transient: true, retryAfterMs: 3_600_000 });
  expect(fake.requests).toHaveLength(1);
});

test('Retry-After is kept to', async () => {
  const times: number[] = [];
  const said = inTurn({ fault: 'status', status: 503, headers: { 'retry-after-ms': '200' } }, { text: 'Here.' });
  const fake = await start((request, number) => {
    times.push(performance.now());
    return said(request, number);
  });
  await ask(modelsOf(endpointOf(fake.url)));
  const [first = 0, second = 0] = times;
  // A floor, and no bound from above.
  expect(second - first).toBeGreaterThan(190);
});

test('an endpoint that fails on and on is left alone, and says so', async () => {
  const failing: (Said | Fault)[] = Array.from({ length: 20 }, () => ({ fault: 'status', status: 500 }));
  const fake = await start(inTurn(...failing));
  const models = modelsOf(endpointOf(fake.url));
  await ask(models);
  await ask(models);
  expect(fake.requests).toHaveLength(5);
  expect((await ask(models)).error).toMatchObject({ code: 'MODEL_UNAVAILABLE', transient: true });
  expect(fake.requests).toHaveLength(5);
  expect(models.list().find(({ id }) => id === 'fake/fake-1')).toMatchObject({ available: false });
});

test('http is only for near hosts, and what is not set up is said', async () => {
  const far = modelsOf(endpointOf('http://models.example.com/v1'));
  await expect(far.open('fake/fake-1')).rejects.toMatchObject({
    code: 'MODEL_REFUSED',
    message: expect.stringContaining('https://'),
  });
  await expect(far.open('fake/other')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  expect((await far.open('offline-rules')).info.label).toContain('no AI');
});

describe('a connection test says', () => {
  const say = async (endpoint: ModelEndpoint, secret?: string) => testEndpoint(endpoint, secret, AbortSignal.timeout(500));
  test('that all is well, that the key or the model is wrong, or that nothing answers', async () => {
    const fake = await start(inTurn());
    const endpoint = endpointOf(fake.url);
    expect(await say(endpoint, key)).toMatchObject({ ok: true, found: ['fake-1'], says: expect.stringContaining('has fake-1') });
    expect(await say(endpoint, 'sk-wrong')).toMatchObject({ ok: false, says: 'It refuses the key.' });
    expect(await say(endpoint)).toMatchObject({ ok: false, says: 'It wants a key.' });
    const other = endpointOf(fake.url, { models: [{ name: 'fake-2', contextTokens: 8000 }] });
    expect(await say(other, key)).toMatchObject({ ok: false, says: expect.stringContaining('no model fake-2') });
    expect(await say(endpointOf('http://127.0.0.1:9/v1'))).toMatchObject({
      ok: false,
      says: expect.stringContaining('Nothing answers'),
    });
    expect(await say(endpointOf('http://models.example.com/v1'))).toMatchObject({
      ok: false,
      says: expect.stringContaining('https://'),
    });
  });
});
