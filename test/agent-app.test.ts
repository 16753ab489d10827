import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startApp } from '../src/main/app.ts';
import { startFakeModel } from './fake-model.ts';

const key = 'sk-kept-in-one-place';

/** The files of a data folder in which a text stands. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path).includes(text);
  });
}

test('the app answers with a model that was added to it; the key is in its place and nowhere else', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tandem-agent-app-'));
  const lines: string[] = [];
  const fake = await startFakeModel(
    ({ results }) =>
      results.length > 0
        ? { text: 'Some people are in Sales.' }
        : { text: 'I look. ', calls: [{ name: 'scim_search_users', args: { attribute: 'department', value: 'Sales' } }] },
    { key },
  );
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const app = await startApp({ dataDir, port: 0, shell: 'browser', log, sample: true });
  try {
    const { agentSettings, assistant } = app.services;
    const models = [{ name: 'fake-1', inputPrice: 1, outputPrice: 2 }];
    await agentSettings.models.add({ provider: 'openai-compatible', name: 'Fake', baseUrl: fake.url, models, key });
    const owner = { tenant: 'default', userId: 'administrator' };
    const { context } = await assistant.createContext(owner, { modelId: 'fake/fake-1' });
    const task = await assistant.addPrompt(owner, context.id, { prompt: 'Who is in Sales?' });
    expect(await assistant.ended(owner, task.id)).toMatchObject({ status: 'completed', output: { finish: 'answered' } });
    const { nodes, context: now } = assistant.context(owner, context.id);
    expect(nodes.map(({ contentType }) => contentType)).toEqual(['text', 'text', 'tool_call', 'text']);
    expect(now.usage).toMatchObject({ inputTokens: 200, outputTokens: 40, cost: expect.closeTo(0.000_28, 6) });
    // A key that the other side takes no longer is said in the task, and not shown.
    await agentSettings.models.change('fake', {
      provider: 'openai-compatible',
      name: 'Fake',
      baseUrl: fake.url,
      models,
      key: `${key}-old`,
    });
    const refused = await assistant.addPrompt(owner, context.id, { prompt: 'And in Research?' });
    const failed = await assistant.ended(owner, refused.id);
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'MODEL_REFUSED', message: expect.stringContaining('refuses the key') },
    });
    expect(JSON.stringify(failed)).not.toContain(key);
  } finally {
    await app.close();
    await fake.close();
  }
  expect(lines.join('')).not.toContain(key);
  expect(filesWith(dataDir, key)).toEqual(['named-secrets.json']);
  rmSync(dataDir, { recursive: true });
});
