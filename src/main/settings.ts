import { JSONFilePreset } from 'lowdb/node';
import { z } from 'zod';
import { agentSettingsSchema } from '../assistant/index.ts';
import { toolsets } from '../directory/index.ts';
import { consulSettings } from './consul.ts';
import { StartError } from './data-folder.ts';

/** The assistant's contexts service; named as its contract names them (seed 004). */
const contextsSchema = z.strictObject({
  /** Whether its REST door is open. The window has its conversations in any case. */
  enabled: z.boolean().optional(),
  api_version: z.literal('v1').optional(),
  /** Contexts of one owner. */
  max_contexts: z.int().min(1).max(10_000).optional(),
  /** How long a run may work, for example `60s` or `5m`; waiting for a person is not counted. */
  timeout: z
    .string()
    .regex(/^[1-9]\d{0,3}(s|m)$/, 'Give a time such as "60s" or "5m".')
    .optional(),
  /** Days after which a context is removed in which nothing happens. */
  idle_days: z.int().min(1).max(3650).optional(),
  /** Models that stand for others, by the names that callers use. */
  model_aliases: z.record(z.string().max(200), z.string().max(200)).optional(),
});

/** What a person may open and edit in `settings.json`. */
const settingsSchema = z.object({
  /** How the directory was begun; absent until the first start's question is answered. */
  setup: z.enum(['empty', 'sample']).optional(),
  /** The port that AI clients were told; kept, so that their configuration stays true. */
  port: z.int().min(1).max(65_535).optional(),
  /** Where the desktop window was. */
  window: z
    .object({
      x: z.int().optional(),
      y: z.int().optional(),
      width: z.int(),
      height: z.int(),
      maximized: z.boolean(),
    })
    .optional(),
  /** Filters of the window that were given a name. */
  savedFilters: z
    .array(z.object({ id: z.string(), tenant: z.string(), name: z.string(), filter: z.string() }))
    .max(100)
    .optional(),
  /** The columns of the window's table of people, as SCIM paths, by tenant. */
  columns: z.record(z.string(), z.array(z.string())).optional(),
  /** Models, MCP servers and permissions of the agent; never a key. */
  assistant: agentSettingsSchema.optional(),
  /** Parts of the MCP server's tools: true for those that are on at `/mcp` too, false for those that are off everywhere. */
  toolsets: z.partialRecord(z.enum(toolsets), z.boolean()).optional(),
  /** How people and clients may sign in. */
  authorization: z
    .strictObject({
      /** In sample tenants, anybody as a person who has no password; on unless it is turned off. */
      demoSignIn: z.boolean().optional(),
      /** Clients that name themselves by the address of a document, which is fetched (CIMD). */
      metadataDocuments: z.boolean().optional(),
    })
    .optional(),
  /** The contexts service. */
  mcp: contextsSchema.optional(),
  /** The Consul agent that is told where Tandem is. */
  consul: consulSettings.optional(),
  /** Tenants that were made for scenarios and are to be removed. */
  scenarioTenants: z.array(z.string().max(63)).max(100).optional(),
});
export type SettingsData = z.infer<typeof settingsSchema>;

/** The settings of one data folder. */
export interface Settings {
  readonly data: Readonly<SettingsData>;
  /** Changes some settings; they are in the file when it resolves. */
  update(change: Partial<SettingsData>): Promise<void>;
}

/**
 * Reads `settings.json`; an absent file means all defaults.
 * @throws StartError if the file is not valid, naming what is wrong. It is never overwritten silently.
 */
export async function openSettings(path: string): Promise<Settings> {
  const file = await JSONFilePreset<SettingsData>(path, {}).catch(() => {
    throw new StartError(`${path} is not valid JSON. Correct it, or delete it to start with the default settings.`);
  });
  const parsed = settingsSchema.safeParse(file.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`${path}: ${issue?.path.join('.')}: ${issue?.message}. Correct or delete the file.`);
  }
  file.data = parsed.data;
  return {
    get data() {
      return file.data;
    },
    async update(change) {
      await file.update((data) => void Object.assign(data, change));
    },
  };
}
