import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Log } from '../observe/index.ts';
import { jsonRpcCodes, rpcCodes, rpcErrorOf, type RpcCode } from './rpc-error.ts';

/** Where the bridge leads, and the key it shows there. */
export interface BridgeEnd {
  mcpUrl: string;
  token: string;
}

interface Message {
  id?: string | number;
  method?: string;
  params?: Record<string, unknown>;
}

/** What the server sends: an answer, or a message of its own. */
interface Received {
  id?: string | number | null | undefined;
  method?: string;
  result?: { protocolVersion?: string };
}

const versionKey = 'io.modelcontextprotocol/protocolVersion';
const lineMax = 4 * 1024 * 1024;
const finishMs = 5000;
const streamRetryMs = 1000;
const messagesAtOnceMax = 256;
const patienceSeconds = 10;

/** The server could not have acted on what was sent, so it may be sent again. */
class NotDelivered extends Error {}

/**
 * Carries MCP messages between standard input and output and a server over HTTP, of either protocol era, without changing
 * them. When the server moves (the app is started or restarted), it connects again and repeats a 2025-era client's
 * `initialize` and subscriptions, so that the client notices nothing.
 * @param options.connect finds the server; called at the start and after it was lost.
 * @param options.signal ends the input.
 * @returns when the input has ended and what was under way is answered.
 */
export async function bridgeStdio(options: {
  connect: () => Promise<BridgeEnd>;
  input: Readable;
  output: Writable;
  signal: AbortSignal;
  log: Pick<Log, 'warn'>;
}): Promise<void> {
  const bridge = new Bridge(options);
  const pending = new Set<Promise<void>>();
  const lines = createInterface({ input: options.input, crlfDelay: Infinity, signal: options.signal });
  // A client that ended without a word reads no answers, either.
  options.output.on('error', () => lines.close());
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const work = bridge.take(line).finally(() => pending.delete(work));
      pending.add(work);
      // A client that sends faster than the server answers waits, like at any pipe that is full.
      if (pending.size >= messagesAtOnceMax) await Promise.race(pending);
    }
    await Promise.race([Promise.all(pending), new Promise((resolve) => setTimeout(resolve, finishMs).unref())]);
  } finally {
    await bridge.close();
  }
}

class Bridge {
  readonly #options: Parameters<typeof bridgeStdio>[0];
  readonly #abort = new AbortController();
  readonly #running = new Map<string | number, AbortController>();
  readonly #subscriptions = new Set<string>();
  #end: Promise<BridgeEnd> | undefined;
  #session: string | undefined;
  #version: string | undefined;
  #initialize: Message | undefined;
  #streaming = false;
  #reconnecting: Promise<void> | undefined;

  constructor(options: Parameters<typeof bridgeStdio>[0]) {
    this.#options = options;
  }

  /** Handles one line of input. Never throws: a request that fails is answered with a JSON-RPC error. */
  async take(line: string): Promise<void> {
    let message: Message;
    try {
      if (line.length > lineMax) throw new Error('too long');
      message = JSON.parse(line) as Message;
    } catch {
      this.#refuse(jsonRpcCodes.parse, 'Parse error: a line of input is not valid JSON.');
      return;
    }
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      this.#refuse(jsonRpcCodes.invalidRequest, 'Invalid request: a line of input is not one JSON-RPC message.');
      return;
    }
    try {
      await this.#deliver(message);
    } catch (error) {
      if (this.#abort.signal.aborted || this.#running.get(message.id ?? '')?.signal.aborted) return;
      this.#options.log.warn({ err: error, method: message.method }, 'a message could not be carried to the server');
      if (message.id === undefined || message.method === undefined) return;
      const text =
        error instanceof NotDelivered
          ? `Tandem could not be reached: ${error.message}`
          : 'The connection to Tandem was lost before it answered. Read what you were changing before you try again.';
      this.#write(rpcErrorOf(message, { code: rpcCodes.unavailable, message: text }));
    }
  }

  async #deliver(message: Message): Promise<void> {
    if (message.method === 'notifications/cancelled') this.#running.get(message.params?.['requestId'] as string)?.abort();
    // Until the client is known there again, its messages would be a stranger's.
    await this.#reconnecting?.catch(() => {});
    try {
      await this.#exchange(message);
    } catch (error) {
      if (!(error instanceof NotDelivered) || this.#abort.signal.aborted) throw error;
      await this.#reconnect(message.method === 'initialize');
      await this.#exchange(message);
    }
    const uri = message.params?.['uri'];
    if (message.method === 'resources/subscribe') this.#subscriptions.add(String(uri));
    if (message.method === 'resources/unsubscribe') this.#subscriptions.delete(String(uri));
  }

  /** Connects to where the server is now, as the client that was there before. */
  #reconnect(begins: boolean): Promise<void> {
    // A message and the stream may find out at the same time that the server is gone.
    this.#reconnecting ??= this.#connectAgain(begins).finally(() => (this.#reconnecting = undefined));
    return this.#reconnecting;
  }

  async #connectAgain(begins: boolean): Promise<void> {
    this.#end = undefined;
    this.#session = undefined;
    if (begins || !this.#initialize) return;
    await this.#exchange({ ...this.#initialize, id: 'tandem-again' }, () => {});
    await this.#exchange({ method: 'notifications/initialized' }, () => {});
    for (const uri of this.#subscriptions)
      await this.#exchange({ id: 'tandem-again', method: 'resources/subscribe', params: { uri } }, () => {});
  }

  /** Sends one message and passes on what comes back. */
  async #exchange(message: Message, pass = (answer: unknown) => this.#write(answer)): Promise<void> {
    const abort = new AbortController();
    // An answer to a question of the server has the number of that, which a request of the client may have too.
    const { id } = message;
    const isRequest = id !== undefined && message.method !== undefined;
    if (isRequest) this.#running.set(id, abort);
    try {
      const signal = AbortSignal.any([abort.signal, this.#abort.signal]);
      const response = await this.#fetch(
        { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', ...message }), signal },
        message,
      );
      if (message.method === 'initialize') {
        this.#initialize = message;
        this.#session = response.headers.get('mcp-session-id') ?? undefined;
      }
      let answered = false;
      await this.#read(response, (received) => {
        // Some requests are refused before the server knows which they are; the client waits for an answer to its own.
        const answer = isRequest && received.id === null ? { ...received, id: message.id } : received;
        answered ||= answer.method === undefined && answer.id === message.id;
        if (message.method === 'initialize' && answer.result) this.#version = answer.result.protocolVersion;
        pass(answer);
      });
      if (isRequest && !answered) throw new Error('the server ended the stream without an answer');
      if (message.method === 'notifications/initialized') void this.#stream();
    } finally {
      if (isRequest) this.#running.delete(id);
    }
  }

  /** @param patience how long to wait in all, in seconds, where there is a limit of calls. */
  async #fetch(init: RequestInit & { signal: AbortSignal }, message?: Message, patience = patienceSeconds): Promise<Response> {
    const end = await (this.#end ??= this.#options.connect().catch((error: unknown) => {
      this.#end = undefined;
      throw new NotDelivered(error instanceof Error ? error.message : String(error));
    }));
    const modern = (message?.params?.['_meta'] as Record<string, unknown> | undefined)?.[versionKey];
    const name = message?.params?.['name'] ?? message?.params?.['uri'];
    const headers: Record<string, string> = {
      authorization: `Bearer ${end.token}`,
      accept: init.method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
    if (typeof modern === 'string') {
      headers['mcp-protocol-version'] = modern;
      headers['mcp-method'] = message?.method ?? '';
      if (typeof name === 'string') headers['mcp-name'] = name;
    } else if (message?.method !== 'initialize') {
      if (this.#session !== undefined) headers['mcp-session-id'] = this.#session;
      if (this.#version !== undefined) headers['mcp-protocol-version'] = this.#version;
    }
    const response = await fetch(end.mcpUrl, { ...init, headers }).catch((error: unknown) => {
      const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
      throw cause?.code === 'ECONNREFUSED' ? new NotDelivered('it is not running') : error;
    });
    const wait = response.status === 429 ? Number(response.headers.get('retry-after') ?? Infinity) : Infinity;
    if (wait <= patience) {
      await response.body?.cancel();
      await sleep(wait * 1000, undefined, { signal: init.signal });
      return this.#fetch(init, message, patience - wait);
    }
    const lost = response.status === 401 || (response.status === 404 && headers['mcp-session-id'] !== undefined);
    if (!lost) return response;
    await response.body?.cancel();
    throw new NotDelivered('it refused the connection');
  }

  async #read(response: Response, pass: (received: Received) => void): Promise<void> {
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream') && response.body) {
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const { data } of events) if (data !== '') pass(JSON.parse(data) as Received);
    } else if (type.startsWith('application/json')) pass((await response.json()) as Received);
    else await response.body?.cancel();
  }

  /** Keeps the stream open on which a 2025-era server speaks first. */
  async #stream(): Promise<void> {
    if (this.#streaming) return;
    this.#streaming = true;
    const { signal } = this.#abort;
    for (let opened = 0; !signal.aborted;) {
      try {
        const response = await this.#fetch({ method: 'GET', signal });
        // What changed while there was no stream was not heard: the client should look again.
        if (response.ok && opened++ > 0)
          for (const uri of this.#subscriptions)
            this.#write({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } });
        if (response.ok) await this.#read(response, (message) => this.#write(message));
        else await response.body?.cancel();
      } catch (error) {
        if (error instanceof NotDelivered && !signal.aborted) await this.#reconnect(false).catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, streamRetryMs).unref());
    }
  }

  /** Refuses a line of which no request can be named. */
  #refuse(code: RpcCode, message: string): void {
    this.#write(rpcErrorOf(undefined, { code, message }));
  }

  #write(message: unknown): void {
    this.#options.output.write(`${JSON.stringify(message)}\n`);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    const end = this.#session === undefined ? undefined : await this.#end?.catch(() => undefined);
    if (!end || this.#session === undefined) return;
    const headers = { authorization: `Bearer ${end.token}`, 'mcp-session-id': this.#session };
    await fetch(end.mcpUrl, { method: 'DELETE', headers, signal: AbortSignal.timeout(1000) }).catch(() => {});
  }
}
