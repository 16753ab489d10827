import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { AssistantLimits } from '../limits.ts';
import type { Model, Run, Runner } from '../run.ts';
import { AssistantContexts } from './assistant-contexts.ts';

const noUsage = { inputTokens: 0, outputTokens: 0 };

export const models: Model[] = [
  { id: 'fake/one', label: 'Fake one', provider: 'offline', available: true, contextTokens: 1000 },
  { id: 'fake/two', label: 'Fake two', provider: 'offline', available: true, contextTokens: 1000 },
];

/** A runner of which a test says what it does. */
export function runnerOf(work: (run: Run) => Promise<void>): Runner {
  return {
    models: () => models,
    async run(run) {
      await work(run);
      return { finish: 'answered', model: run.context.modelId, usage: noUsage };
    },
    async close() {},
  };
}

/** What a run has been asked, which is the text of its prompt. */
export function promptOf(run: Run): string {
  return run.nodes().find(({ id }) => id === run.id)?.content ?? '';
}

export interface TestService {
  service: AssistantContexts;
  folder: string;
  /** Closes the service; the folder stays. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the service on a folder of its own, or on one that is there. */
export async function startService(options: {
  runner: Runner;
  folder?: string;
  limits?: Partial<AssistantLimits>;
  now?: () => number;
  isAllowed?: () => boolean;
}): Promise<TestService> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'tandem-contexts-'));
  const service = AssistantContexts.open({
    path: join(folder, 'assistant.db'),
    access: { scopes: ['scim:read'], name: 'Test' },
    log: pino({ level: 'silent' }),
    ...options,
  });
  await service.start();
  return {
    service,
    folder,
    stop: () => service.close(),
    async close() {
      await service.close();
      rmSync(folder, { recursive: true });
    },
  };
}
