import { stat } from 'node:fs/promises';
import { TextFile } from 'lowdb/node';
import { z } from 'zod';
import { agentSettingsSchema } from '../assistant/index.ts';
import { DirectoryError, toolsets } from '../directory/index.ts';
import { logLevels } from '../observe/index.ts';
import { consulSettings } from './consul.ts';
import { codeOf, StartError } from './data-folder.ts';
import { alarmSettingsSchema } from './alarm-settings.ts';
import { securitySchema } from './security-settings.ts';
import { readSettings } from './settings-text.ts';

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
export const settingsSchema = z.strictObject({
  /** How the directory was begun; absent until the first start's question is answered. */
  setup: z.enum(['empty', 'sample']).optional(),
  /** The port that AI clients were told; kept, so that their configuration stays true. */
  port: z.int().min(1).max(65_535).optional(),
  /** Where the desktop window was. */
  window: z
    .strictObject({
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
  /** Who may call, and how much. */
  security: securitySchema.optional(),
  /** From which values on the dashboard raises an alarm. */
  alarms: alarmSettingsSchema.optional(),
  /** From which level on the log is kept; without it, `LOG_LEVEL` decides. */
  log: z.strictObject({ level: z.enum(logLevels).optional() }).optional(),
  /** Tenants that were made for scenarios and are to be removed. */
  scenarioTenants: z.array(z.string().max(63)).max(100).optional(),
});
export type SettingsData = z.infer<typeof settingsSchema>;

/** The settings of one data folder. */
export interface Settings {
  /** As they are now: edited in the window or on the disk. */
  readonly data: Readonly<SettingsData>;
  /** What is wrong with the file that was last edited on the disk, where that is so; what was true before is true on. */
  readonly problem: string | undefined;
  /**
   * Changes some settings; they are in the file when it resolves.
   * @throws DirectoryError INVALID_ARGUMENT for what is not valid; UNAVAILABLE while the file on the disk has an error, which only
   *   a person can correct.
   */
  update(change: Partial<SettingsData>): Promise<void>;
  /** Calls the listener after each change, and when a problem comes or goes. @returns what ends it. */
  onChange(listener: () => void): () => void;
  close(): void;
}

const lookEveryMs = 500;

/**
 * Reads `settings.json`, and goes on looking at it: what a person changes there while Tandem runs is true from then on. An absent
 * file means all defaults.
 * @throws StartError if the file is not valid, naming what is wrong, and where. It is never overwritten silently.
 */
export async function openSettings(path: string): Promise<Settings> {
  const file = new TextFile(path);
  const settings = new FileSettings(path, file);
  await settings.read();
  if (settings.problem !== undefined) throw new StartError(settings.problem);
  settings.watch();
  return settings;
}

class FileSettings implements Settings {
  readonly #path: string;
  readonly #file: TextFile;
  readonly #listeners = new Set<() => void>();
  #data: SettingsData = {};
  /** What the file had when it was last read or written. */
  #text: string | undefined;
  #problem: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, file: TextFile) {
    this.#path = path;
    this.#file = file;
  }

  get data(): Readonly<SettingsData> {
    return this.#data;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  watch(): void {
    let seen: string | undefined;
    // By its state and not by events: the folder has those of each write to the database, too. The first look always reads, since
    // the file may have changed since it was opened.
    const look = async () => {
      const found = await stat(this.#path).catch(() => undefined);
      const state = found && `${found.ino} ${found.mtimeMs} ${found.size}`;
      if (state === seen && seen !== undefined) return;
      seen = state;
      await this.read();
    };
    this.#timer = setInterval(() => void look(), lookEveryMs).unref();
  }

  /** Takes over what is in the file. Never throws: what is wrong becomes the problem. */
  read(): Promise<void> {
    return this.#inTurn(async () => this.#take(await this.#readText()));
  }

  update(change: Partial<SettingsData>): Promise<void> {
    return this.#inTurn(async () => {
      // A person may have edited it just now.
      this.#take(await this.#readText());
      if (this.#problem !== undefined)
        throw new DirectoryError('UNAVAILABLE', `Nothing was changed: settings.json has an error. ${this.#problem}`);
      const parsed = settingsSchema.safeParse({ ...this.#data, ...change });
      if (!parsed.success) {
        const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
        throw new DirectoryError('INVALID_ARGUMENT', issues.map(({ path, message }) => `${path}: ${message}`).join(' '), {
          issues,
        });
      }
      const text = JSON.stringify(parsed.data, null, 2);
      try {
        await this.#file.write(text);
      } catch (error) {
        throw new DirectoryError('UNAVAILABLE', `The settings could not be written (${codeOf(error)}). Nothing was changed.`, {
          cause: error,
        });
      }
      this.#text = text;
      this.#data = parsed.data;
      this.#tell();
    });
  }

  /** An editor may take the file away for a moment, before it puts the new one there: then what was read last is still true. */
  async #readText(): Promise<string | Error> {
    try {
      return (await this.#file.read()) ?? (this.#problem === undefined ? this.#text : undefined) ?? '{}';
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #take(text: string | Error): void {
    if (text === this.#text) return;
    const was = this.#problem;
    try {
      this.#text = undefined;
      if (text instanceof Error) throw new StartError(`${this.#path} cannot be read (${codeOf(text)}).`);
      this.#text = text;
      this.#data = readSettings(settingsSchema, this.#path, text);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      if (this.#problem === was) return;
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }
}
