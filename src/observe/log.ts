import { pino, type Logger } from 'pino';

/** A structured log. Levels as pino's; secrets in known places are redacted. */
export type Log = Logger;

const secrets = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'token',
  'access_token',
  'refresh_token',
  'code',
  'password',
  'key',
];

/**
 * Makes the log, one JSON line an event, on standard error: standard output belongs to the command line's answers and to
 * MCP on stdio.
 * @param level pino's level names; `silent` for none.
 */
export function createLog(level = process.env['LOG_LEVEL']?.toLowerCase() ?? 'info'): Log {
  const paths = secrets.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
  return pino(
    { level: levels.includes(level) ? level : 'info', redact: { paths, censor: '[redacted]' }, base: null },
    pino.destination({ dest: 2, sync: true }),
  );
}
