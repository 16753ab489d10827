import { pino, type Logger } from 'pino';
import { redact } from './redact.ts';

/** A structured log. Levels as pino's; secrets are redacted wherever they are (redact.ts). */
export type Log = Logger;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** @param text in any case, as `LOG_LEVEL` may have it. @returns `info` for what is no level. */
export function logLevel(text: string = process.env['LOG_LEVEL'] ?? 'info'): LogLevel {
  const wanted = text.trim().toLowerCase();
  return logLevels.find((level) => level === wanted) ?? 'info';
}

/**
 * Makes the log, one JSON line an event, on standard error: standard output belongs to the command line's answers and to
 * MCP on stdio. Names with newlines or control characters stay inside their JSON string.
 * @param level pino's level names, in any case; `silent` for none.
 */
export function createLog(level?: string): Log {
  const terminal = pino.destination({ dest: 2, sync: true });
  return pino({ level: logLevel(level), base: null }, { write: (line: string) => void terminal.write(redact(line)) });
}
