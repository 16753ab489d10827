import { pino } from 'pino';
import { startFakeModel, type FakeModel, type Script } from './fake-model.ts';
import type { Actor, Resource } from '../src/directory/index.ts';
import { startDoor, writer } from '../src/mcp/test-door.ts';
import type { McpServer, Permission } from '../src/assistant/agent-settings-data.ts';
import { createRunner, type RunnerOptions } from '../src/assistant/agent/create-runner.ts';
import { TestRun, type Answering } from '../src/assistant/agent/test-run.ts';

export const person: Actor = {
  id: 'a',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
};

/** The agent around a scripted model, with our own MCP server over a directory of its own, and others. */
export async function startAgent(
  script: Script,
  options: { servers?: McpServer[]; contextTokens?: number; toolset?: string } = {},
) {
  const door = await startDoor();
  const fake: FakeModel = await startFakeModel(script);
  const data = {
    models: [
      {
        id: 'fake',
        provider: 'openai-compatible' as const,
        name: 'Fake',
        baseUrl: fake.url,
        models: [{ name: 'fake-1', contextTokens: options.contextTokens ?? 100_000 }],
      },
    ],
    servers: options.servers ?? [],
    permissions: [] as Permission[],
  };
  const changed = new Set<() => void>();
  const settings: RunnerOptions['settings'] = {
    data,
    permissions: {
      list: () => data.permissions,
      allow: async (permission) => void data.permissions.push({ ...permission, since: '' }),
    },
    onChange(listener) {
      changed.add(listener);
      return () => changed.delete(listener);
    },
  };
  const secrets = {
    get: async (name: string) => (name.startsWith('mcp-server/') ? 'Bearer hush' : undefined),
    set: async () => {},
    delete: async () => {},
  };
  const parts: RunnerOptions = {
    mcpUrl: `${door.url}${options.toolset === undefined ? '' : `/x/${options.toolset}`}`,
    keyFor: () => writer,
    settings,
    secrets,
    log: pino({ level: 'silent' }),
    bounds: { firstDelayMs: 1, delayMaxMs: 5 },
  };
  let runner = createRunner(parts);
  return {
    door,
    fake,
    data,
    directory: door.directory,
    get runner() {
      return runner;
    },
    /** As after the end of the process: nothing in memory is left. */
    async restart() {
      await runner.close();
      runner = createRunner(parts);
    },
    settingsChanged: () => changed.forEach((listener) => listener()),
    async create(over: Record<string, unknown> = {}): Promise<Resource> {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
      const record = { schemas, userName: 'ada.chen', displayName: 'Ada Chen', title: 'Analyst', ...over };
      return (await door.directory.create(person, 'User', record)).resource;
    },
    get: async (id: string) => (await door.directory.get(person, 'User', id)).resource,
    async ask(prompt: string, more: ConstructorParameters<typeof TestRun>[1] = {}): Promise<TestRun> {
      const run = new TestRun(prompt, { modelId: 'fake/fake-1', ...more });
      await runner.run(run);
      return run;
    },
    async close() {
      await runner.close();
      await fake.close();
      await door.close();
    },
  };
}

export type Agent = Awaited<ReturnType<typeof startAgent>>;

export const accept =
  (content?: Record<string, unknown>, scope?: 'once' | 'conversation' | 'always'): Answering =>
  () => ({ action: 'accept', ...(content && { content }), ...(scope && { scope }) });

export const decline: Answering = () => ({ action: 'decline' });
