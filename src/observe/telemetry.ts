import type { Log } from './log.ts';

export interface TelemetryOptions {
  version: string;
  log: Log;
  env?: Record<string, string | undefined>;
}

/** A signal that is sent on. */
export interface TelemetryExport {
  /** Sends the last of it, in a bounded time. */
  close(): Promise<void>;
}

export const closeMs = 3000;

/**
 * What the standard variables say of a signal: whether to send it by OTLP over HTTP, as JSON, and where. It is sent where
 * `OTEL_EXPORTER_OTLP_ENDPOINT` or the signal's own names a collector, or `OTEL_…_EXPORTER=otlp` asks for the usual one of this
 * computer, unless `OTEL_SDK_DISABLED=true`. The exporters read the further ones (headers, timeout, compression) themselves.
 * @returns the collector's host; undefined where nothing is sent.
 */
export function collectorOf(signal: 'METRICS' | 'TRACES', { log, env = process.env }: TelemetryOptions): string | undefined {
  // A variable that is empty is one that is not set (OpenTelemetry's specification of the variables).
  const read = (name: string) => env[name]?.trim() || undefined;
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const exporter = read(`OTEL_${signal}_EXPORTER`);
  const endpoint = read(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? read('OTEL_EXPORTER_OTLP_ENDPOINT');
  const name = signal.toLowerCase();
  if (exporter === 'none' || (exporter === undefined && endpoint === undefined)) return undefined;
  const refused = (text: string) => {
    log.warn(`${name} are not exported: ${text}`);
    return undefined;
  };
  if (exporter !== undefined && exporter !== 'otlp') return refused(`OTEL_${signal}_EXPORTER may be otlp or none.`);
  const protocol = read(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? read('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/json';
  if (protocol !== 'http/json') return refused('the only protocol that Tandem speaks to a collector is http/json.');
  if (endpoint === undefined) return 'localhost:4318';
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) return refused('the endpoint is not an http or https address.');
  return new URL(endpoint).host;
}

/** What each signal says of its sender, and where what goes wrong with sending is told: once for each time that it begins. */
export async function describeSender({ version, log }: TelemetryOptions) {
  const [resources, api] = await Promise.all([import('@opentelemetry/resources'), import('@opentelemetry/api')]);
  let failing: string | undefined;
  api.diag.setLogger(
    {
      error(message, ...details) {
        if (failing !== message)
          log.warn({ detail: details.map(String).join(' ').slice(0, 500) }, `telemetry is not exported: ${message}`);
        failing = message;
      },
      warn: (message) => log.debug(message),
      info: (message) => log.debug(message),
      debug: () => {},
      verbose: () => {},
    },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const resource = resources
    .resourceFromAttributes({ 'service.name': 'tandem', 'service.version': version })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  return { api, resource };
}
