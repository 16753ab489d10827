import type { ServerResponse } from 'node:http';
import type { TaskStream } from './task-stream.ts';

const beatMs = 15_000;

/** The open streams: they beat, end with their token (decision 6), and all of them when Tandem closes. */
export class Streams {
  readonly #open = new Map<TaskStream, NodeJS.Timeout>();

  /** Keeps a stream alive as long as its caller may read. */
  add(stream: TaskStream, raw: ServerResponse, isAllowed: () => Promise<boolean>): void {
    const beat = async () => {
      if (await isAllowed().catch(() => false)) stream.beat();
      else stream.end();
    };
    const timer = setInterval(() => void beat(), beatMs);
    this.#open.set(stream, timer);
    raw.once('close', () => {
      clearInterval(timer);
      this.#open.delete(stream);
    });
  }

  close(): void {
    for (const [stream, timer] of this.#open) {
      clearInterval(timer);
      stream.end();
    }
    this.#open.clear();
  }
}

/** Begins an answer of server-sent events. */
export function beginEvents(raw: ServerResponse): void {
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
}
