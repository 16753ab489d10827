import { expect, test } from 'vitest';
import { agentSettingsSchema } from './agent-settings-data.ts';
import { createAgentSettings, type ModelEndpointInput } from './agent-settings.ts';

function open() {
  let data = agentSettingsSchema.parse({});
  const kept = new Map<string, string>();
  const tested: (string | undefined)[] = [];
  const note = async (_one: unknown, secret: string | undefined) => {
    tested.push(secret);
    return { ok: true, says: 'fine', ms: 1, found: [] };
  };
  const settings = createAgentSettings({
    store: { read: () => data, save: async (next) => void (data = agentSettingsSchema.parse(next)) },
    secrets: {
      get: async (name) => kept.get(name),
      set: async (name, secret) => void kept.set(name, secret),
      delete: async (name) => void kept.delete(name),
    },
    testModel: note,
    testServer: note,
  });
  return { settings, kept, tested };
}

const ollama: ModelEndpointInput = {
  provider: 'openai-compatible',
  name: 'My Ollama!',
  baseUrl: 'http://127.0.0.1:11434/v1',
  models: [{ name: 'llama3.2', contextTokens: 8000 }],
};

test('a model is added, changed and removed; its key is only among the secrets', async () => {
  const { settings, kept } = open();
  let changes = 0;
  settings.onChange(() => changes++);
  const { id } = await settings.models.add({ ...ollama, key: 'sk-1' });
  expect(id).toBe('my-ollama');
  expect((await settings.models.add(ollama)).id).toBe('my-ollama-2');
  expect(JSON.stringify(settings.data)).not.toContain('sk-1');
  expect(await settings.models.list()).toMatchObject([{ id, hasKey: true }, { hasKey: false }]);
  await settings.models.change(id, { ...ollama, name: 'Other' });
  expect(kept.get('model/my-ollama')).toBe('sk-1');
  await settings.models.change(id, { ...ollama, key: null });
  expect(kept.size).toBe(0);
  await settings.models.remove(id);
  await expect(settings.models.remove(id)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  expect(settings.data.models).toHaveLength(1);
  expect(changes).toBe(5);
});

test('a key goes to no other place than it was given for, also not in a test', async () => {
  const { settings, kept, tested } = open();
  const { id } = await settings.models.add({ ...ollama, key: 'sk-1' });
  await settings.models.test({ ...ollama, id });
  await settings.models.test({ ...ollama, id, baseUrl: 'https://other.example.com/v1' });
  await settings.models.test({ ...ollama, key: 'sk-2' });
  expect(tested).toEqual(['sk-1', undefined, 'sk-2']);
  await settings.models.change(id, { ...ollama, baseUrl: 'https://other.example.com/v1' });
  expect(kept.size).toBe(0);
});

test.each<[string, Partial<ModelEndpointInput>]>([
  ['baseUrl', { baseUrl: 'ftp://x' }],
  ['name', { name: ' ' }],
  ['models', { models: [] }],
  ['models.0.contextTokens', { models: [{ name: 'm', contextTokens: 1 }] }],
  ['key', { key: 'a\nb' }],
])('what is wrong is named: %s', async (field, over) => {
  const { settings } = open();
  await expect(settings.models.add({ ...ollama, ...over })).rejects.toMatchObject({ code: 'INVALID', field });
  expect(settings.data.models).toEqual([]);
});

test('a server takes its secret and its permissions along when it goes', async () => {
  const { settings, kept } = open();
  const connection = { kind: 'url' as const, url: 'https://tools.example.com/mcp', secretName: 'Authorization' };
  const { id } = await settings.servers.add({ name: 'Tandem', connection, secret: 'Bearer x' });
  // The name of our own server is no other's.
  expect(id).toBe('tandem-2');
  const owner = { tenant: 'default', userId: 'administrator' };
  await settings.permissions.allow({ ...owner, tool: `${id}/echo`, fingerprint: 'f' });
  await settings.permissions.allow({ ...owner, tool: 'tandem/scim_delete_user' });
  expect(settings.permissions.list({ tenant: 'other', userId: 'administrator' })).toEqual([]);
  await settings.servers.remove(id);
  expect(settings.permissions.list(owner).map(({ tool }) => tool)).toEqual(['tandem/scim_delete_user']);
  expect(kept.size).toBe(0);
  await settings.permissions.remove({ ...owner, tool: 'tandem/scim_delete_user' });
  expect(settings.data.permissions).toEqual([]);
});
