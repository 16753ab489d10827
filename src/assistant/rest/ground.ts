import type { Admit, Log } from '../../observe/index.ts';
import type { AssistantContexts } from '../contexts/assistant-contexts.ts';
import type { Streams } from './streams.ts';

/** Who a valid token stands for. */
export interface RestCaller {
  tenant: string;
  /** The id of the OAuth client or access key. */
  id: string;
  name: string;
  scopes: readonly string[];
  /** Names its access, as long as that stands. */
  access: string;
}

/** A caller that was let in. */
export interface AdmittedCaller extends RestCaller {
  /** The largest body that it may send, and the largest answer that it gets, in bytes. */
  bodyBytes: number;
  resultBytes: number;
}

export interface RestDoorOptions {
  service: AssistantContexts;
  /** `http://127.0.0.1:PORT`, where the door is reached and its authorization server is found. */
  origin: string;
  version: string;
  log: Log;
  /** How long a prompt that is not streamed is waited for, in milliseconds. */
  waitMs: number;
  /** Whether the door is open at all. */
  enabled: boolean;
  /** @returns whom a bearer token stands for; undefined if it is not valid here. */
  authenticate(token: string): Promise<RestCaller | undefined>;
  /** Calls `end` once, at once, when an access stands no more. @returns a function that ends the watch. */
  access: { watch(access: string, end: () => void): () => void; called(access: string): void };
  /** Whether a caller may come in just now; everybody, if absent. */
  admit?: Admit | undefined;
  /** @returns why the tenant lets a caller not read, and the scope that is missing, if it is that; undefined if it does. */
  refusal(caller: RestCaller): { message: string; scope?: string } | undefined;
}

/** What the routes work with. */
export interface RestGround extends RestDoorOptions {
  streams: Streams;
}

export const restRoot = '/api/v1/mcp';
