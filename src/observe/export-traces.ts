import type { Link, SpanContext } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { closeMs, collectorOf, describeSender, type TelemetryExport, type TelemetryOptions } from './telemetry.ts';
import { traceWith, type SpanOptions } from './trace.ts';

/**
 * Sends traces to an OpenTelemetry collector, where the standard variables ask for it (telemetry.ts); which of them, as
 * `OTEL_TRACES_SAMPLER` says. The packages are loaded only then.
 * @returns undefined where nothing is configured.
 */
export async function exportTraces(options: TelemetryOptions): Promise<TelemetryExport | undefined> {
  const collector = collectorOf('TRACES', options);
  if (collector === undefined) return undefined;
  const { log, version, env = process.env } = options;
  const [sdk, { OTLPTraceExporter }, { api, resource }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    describeSender(options),
  ]);
  const sampler = samplerOf(env, sdk, (name) => log.warn({ sampler: name }, 'there is no such sampler; all traces are taken'));
  const batch = (name: string) => {
    const value = Number(env[`OTEL_BSP_${name}`]?.trim() || Number.NaN);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  const [scheduledDelayMillis, maxQueueSize, maxExportBatchSize, exportTimeoutMillis] = [
    batch('SCHEDULE_DELAY'),
    batch('MAX_QUEUE_SIZE'),
    batch('MAX_EXPORT_BATCH_SIZE'),
    batch('EXPORT_TIMEOUT'),
  ];
  const provider = new sdk.TracerProvider({
    resource,
    sampler,
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...(scheduledDelayMillis !== undefined && { scheduledDelayMillis }),
        ...(maxQueueSize !== undefined && { maxQueueSize }),
        ...(maxExportBatchSize !== undefined && { maxExportBatchSize }),
        ...(exportTimeoutMillis !== undefined && { exportTimeoutMillis }),
      }),
    ],
  });
  const tracer = provider.getTracer('tandem', version);
  const kinds = { server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT, internal: api.SpanKind.INTERNAL };
  const stop = traceWith({
    begin(name, { kind, attributes, remote, startTime }, active) {
      const from = remoteContext(remote, api);
      const links: Link[] = from && active ? [{ context: active.spanContext() }] : [];
      const parent = from ?? active?.spanContext();
      const context = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT;
      const given = { ...(attributes && { attributes }), ...(startTime !== undefined && { startTime }) };
      return tracer.startSpan(name, { kind: kinds[kind], links, ...given }, context);
    },
  });
  log.info({ endpoint: collector, sampler: String(sampler) }, 'traces are exported');
  return {
    async close() {
      stop();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeMs)));
      const sent = provider.shutdown().catch((error: unknown) => {
        log.warn({ err: error }, 'the last traces were not exported');
      });
      await Promise.race([sent, late]);
      clearTimeout(timer);
    },
  };
}

/** W3C Trace Context §3.2.2: versions to come may have more after the flags. */
const traceparentPattern = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

function remoteContext(remote: SpanOptions['remote'], api: typeof import('@opentelemetry/api')): SpanContext | undefined {
  const { traceparent, tracestate } = remote ?? {};
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = traceparentPattern.exec(traceparent.trim()) ?? [];
  if (version === '00' && more !== undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  if (!api.isSpanContextValid(context)) return undefined;
  return typeof tracestate === 'string' ? { ...context, traceState: api.createTraceState(tracestate) } : context;
}

/** `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; this SDK leaves reading them to whoever sets it up. */
function samplerOf(
  env: Record<string, string | undefined>,
  sdk: Pick<
    typeof import('@opentelemetry/sdk-trace'),
    'AlwaysOnSampler' | 'AlwaysOffSampler' | 'TraceIdRatioBasedSampler' | 'ParentBasedSampler'
  >,
  isUnknown: (name: string) => void,
): Sampler {
  const name = env['OTEL_TRACES_SAMPLER']?.trim() || 'parentbased_always_on';
  const share = Number(env['OTEL_TRACES_SAMPLER_ARG']?.trim() || 1);
  const roots: Record<string, () => Sampler> = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(share >= 0 && share <= 1 ? share : 1),
  };
  const isByParent = name.startsWith('parentbased_');
  const root = roots[isByParent ? name.slice('parentbased_'.length) : name];
  if (!root) isUnknown(name);
  const made = (root ?? (() => new sdk.AlwaysOnSampler()))();
  return isByParent || !root ? new sdk.ParentBasedSampler({ root: made }) : made;
}
