import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino, symbols, type DestinationStream } from 'pino';
import { currentCall } from './call-context.ts';
import { logLevel, logLevels, type Log, type LogLevel } from './log.ts';
import { redact } from './redact.ts';
import { openRollingFile } from './rolling-file.ts';
import { activeSpan } from './trace.ts';

/** A line of the log, as the window shows it. */
export interface LogLine {
  /** Grows by one with each line; begins anew with the process. */
  id: number;
  /** Milliseconds since the epoch. */
  time: number;
  level: Exclude<LogLevel, 'silent'>;
  /** Which part of Tandem says it, such as `mcp`. */
  part?: string;
  message: string;
  /** The client whose call it was, as people know it. */
  who?: string;
  /** The whole line: JSON, without secrets. */
  text: string;
}

/** Which lines are wanted. */
export interface LogQuery {
  /** This level and those above it. */
  level?: LogLine['level'] | undefined;
  part?: string | undefined;
  /** What the line contains, in any case. */
  text?: string | undefined;
  /** The newest of them. */
  count: number;
}

export interface LogPage {
  /** Oldest first. */
  lines: LogLine[];
  /** The parts that have said something. */
  parts: string[];
  /** Whether older ones that fit were left out. */
  isCut: boolean;
}

/** The log of a host: on its own destination, in files, and the newest lines in memory. */
export interface Journal {
  log: Log;
  /** Where the files are. */
  folder: string;
  /** The lines that are still in memory. */
  list: (query: LogQuery) => LogPage;
  /** From which level on lines are kept, at once; without one, as `LOG_LEVEL` says. */
  setLevel: (level: LogLevel | undefined) => void;
  /** Ends the files. */
  close: () => void;
}

const linesMax = 5000;
const lineMax = 16_384;
const bytesMax = 8 * 1024 * 1024;
const fileBytesMax = 5 * 1024 * 1024;
const olderFilesMax = 4;
const remembered = 256 * 1024;

/**
 * Opens the log of a data folder: at most 25 MB in `folder`, for its user alone, each line on its way to the disk before the
 * one who said it goes on. Files have `info` and above, or more where `LOG_LEVEL` asks for more, or nothing where it is `silent`; the terminal has what its own log was made with.
 * @param terminal where the shell logs; what is logged here goes there too, from that log's level on.
 */
export function openJournal(terminal: Log, folder: string): Journal {
  const file = openRollingFile({ folder, name: 'tandem', bytesMax: fileBytesMax, olderMax: olderFilesMax });
  const recent = new RecentLines();
  for (const line of lastLines(join(folder, 'tandem.log'))) recent.add(line);
  const keep = (line: string) => {
    file.write(line);
    recent.add(line);
  };
  // A pino log has its destination under this symbol; what it was given goes on getting everything.
  const onTerminal = (terminal as unknown as Record<symbol, DestinationStream>)[symbols.streamSym];
  let kept = keptLevel(logLevel());
  const shown = logLevel(terminal.level);
  const destination = {
    // Pino then says of which level a line is.
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string) {
      const text = redact(line);
      if (isAtLeast(this.lastLevel, kept)) keep(text);
      if (onTerminal && isAtLeast(this.lastLevel, shown)) onTerminal.write(text);
    },
  };
  const logs = new Set<WeakRef<Log>>();
  const level = () => (rank(kept) < rank(shown) ? kept : shown);
  const onChild = (child: Log) => {
    logs.add(new WeakRef(child));
    if (logs.size % 1000 === 0) for (const log of logs) if (!log.deref()) logs.delete(log);
  };
  const log: Log = pino({ level: level(), base: null, mixin: whoseCall, onChild }, destination);
  const setLevel = (wanted: LogLevel | undefined) => {
    kept = wanted ?? keptLevel(logLevel());
    log.level = level();
    // A child has taken its level from its parent when it was made.
    for (const child of logs) {
      const known = child.deref();
      if (known) known.level = level();
    }
  };
  return { log, folder, list: (query) => recent.list(query), setLevel, close: () => file.close() };
}

function isAtLeast(value: number, level: LogLevel): boolean {
  return level !== 'silent' && value >= (pino.levels.values[level] ?? 0);
}

/** A quiet terminal is no reason to know nothing afterwards; `silent` is. */
function keptLevel(wanted: LogLevel): LogLevel {
  return wanted === 'silent' || rank(wanted) < rank('info') ? wanted : 'info';
}

function rank(level: LogLevel): number {
  return logLevels.indexOf(level);
}

function whoseCall(): object {
  const call = currentCall();
  const span = activeSpan()?.spanContext();
  // As OpenTelemetry names them in logs of other formats.
  const trace = span && { trace_id: span.traceId, span_id: span.spanId };
  if (!call) return { ...trace };
  const { requestId, door, tenant, client, clientName } = call;
  return {
    requestId,
    door,
    ...trace,
    ...(tenant !== undefined && { tenant }),
    ...(client !== undefined && { client, clientName }),
  };
}

/** The newest lines, as many as fit. */
class RecentLines {
  readonly #lines: LogLine[] = [];
  #bytes = 0;
  #last = 0;

  add(text: string): void {
    const line = toLine(++this.#last, text.trimEnd());
    this.#lines.push(line);
    this.#bytes += line.text.length;
    while (this.#lines.length > linesMax || this.#bytes > bytesMax) this.#bytes -= this.#lines.shift()?.text.length ?? 0;
  }

  list({ level = 'trace', part, text, count }: LogQuery): LogPage {
    const wanted = text?.trim().toLowerCase() ?? '';
    const found: LogLine[] = [];
    let isCut = false;
    for (let index = this.#lines.length - 1; index >= 0; index--) {
      const line = this.#lines[index];
      if (!line || rank(line.level) < rank(level) || (part !== undefined && line.part !== part)) continue;
      if (wanted !== '' && !line.text.toLowerCase().includes(wanted)) continue;
      isCut = found.length === count;
      if (isCut) break;
      found.push(line);
    }
    const parts = [...new Set(this.#lines.flatMap((line) => line.part ?? []))].toSorted();
    return { lines: found.toReversed(), parts, isCut };
  }
}

function toLine(id: number, text: string): LogLine {
  const cut = text.length > lineMax ? `${text.slice(0, lineMax)} … (cut here; the file has all of it)` : text;
  const line: LogLine = { id, time: 0, level: 'info', message: cut, text: cut };
  try {
    const { time, level, part, clientName, msg } = JSON.parse(text) as Record<string, unknown>;
    const label = typeof level === 'number' ? pino.levels.labels[level] : undefined;
    return {
      ...line,
      time: typeof time === 'number' ? time : 0,
      level: logLevels.find((one) => one !== 'silent' && one === label) as LogLine['level'],
      ...(typeof part === 'string' && { part }),
      ...(typeof clientName === 'string' && { who: clientName.slice(0, 100) }),
      message: typeof msg === 'string' ? msg.slice(0, 2000) : '',
    };
  } catch {
    return line;
  }
}

/** What was said last before this start. */
function lastLines(path: string): string[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return [];
  const length = Math.min(size, remembered);
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, buffer, 0, length, size - length);
  } finally {
    closeSync(descriptor);
  }
  const lines = buffer.toString('utf8').split('\n');
  // The first one may have begun before.
  return lines.slice(size > length ? 1 : 0).filter((line) => line.startsWith('{'));
}
