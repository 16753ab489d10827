import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { Log } from './log.ts';
import type { Metrics, ReadMetric } from './metrics.ts';

/** Metrics that are sent on. */
export interface MetricsExport {
  /** Sends the last figures, in a bounded time. */
  close(): Promise<void>;
}

const intervalMs = 60_000;
const closeMs = 3000;

/**
 * Sends the metrics to an OpenTelemetry collector by OTLP over HTTP, as JSON, where the standard variables name one:
 * `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, unless `OTEL_SDK_DISABLED=true` or
 * `OTEL_METRICS_EXPORTER=none`. The exporter reads the further ones (headers, timeout, compression) itself. The packages are loaded
 * only then.
 * @returns undefined where nothing is configured.
 */
export async function exportMetrics(
  metrics: Metrics,
  { version, log, env = process.env }: { version: string; log: Log; env?: Record<string, string | undefined> },
): Promise<MetricsExport | undefined> {
  const endpoint = env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!endpoint || env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  if ((env['OTEL_METRICS_EXPORTER'] ?? 'otlp') !== 'otlp') return undefined;
  const protocol = env['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/json';
  if (protocol !== 'http/json') {
    log.warn({ protocol }, 'metrics are not exported: the only protocol that Tandem speaks to a collector is http/json');
    return undefined;
  }
  const [{ MeterProvider, PeriodicExportingMetricReader, DataPointType }, { OTLPMetricExporter }, resources, api] =
    await Promise.all([
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/api'),
    ]);
  // What goes wrong is said here, once for each time that it begins.
  let isFailing = false;
  api.diag.setLogger(
    {
      error(message, ...details) {
        if (!isFailing) log.warn({ detail: details.map(String).join(' ').slice(0, 500) }, `metrics are not exported: ${message}`);
        isFailing = true;
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
  const since = hrTime(Date.now());
  const exporter = new OTLPMetricExporter();
  const wanted = Number(env['OTEL_METRIC_EXPORT_INTERVAL']);
  const every = Number.isInteger(wanted) && wanted > 0 ? wanted : intervalMs;
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: every,
    exportTimeoutMillis: Math.min(every, Number(env['OTEL_METRIC_EXPORT_TIMEOUT']) || 10_000),
    metricProducers: [
      {
        async collect() {
          const now = hrTime(Date.now());
          const found = await metrics.read();
          const scopeMetrics = [
            {
              scope: { name: 'tandem', version },
              metrics: found.flatMap((metric) => toMetricData(metric, since, now, DataPointType) ?? []),
            },
          ];
          return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
        },
      },
    ],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  log.info({ endpoint: new URL(endpoint).host, every }, 'metrics are exported');
  return {
    async close() {
      await provider.shutdown({ timeoutMillis: closeMs }).catch((error: unknown) => {
        log.warn({ err: error }, 'the last metrics were not exported');
      });
    },
  };
}

type Time = [seconds: number, nanoseconds: number];

function hrTime(ms: number): Time {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}

/** @returns undefined for a kind that Tandem has none of. */
function toMetricData(
  { name, help, type, values }: ReadMetric,
  startTime: Time,
  endTime: Time,
  kinds: typeof import('@opentelemetry/sdk-metrics').DataPointType,
): MetricData | undefined {
  // 1 is DOUBLE and CUMULATIVE; the enums themselves are loaded only where somebody exports.
  const about = { descriptor: { name, description: help, unit: name.includes('_seconds') ? 's' : '1', valueType: 1 } };
  const points = () => values.map(({ labels: attributes, value }) => ({ attributes, startTime, endTime, value }));
  if (type === 'gauge') return { ...about, aggregationTemporality: 1, dataPointType: kinds.GAUGE, dataPoints: points() };
  if (type === 'counter')
    return { ...about, aggregationTemporality: 1, dataPointType: kinds.SUM, isMonotonic: true, dataPoints: points() };
  if (type !== 'histogram') return undefined;
  const dataPoints = histograms(name, values).map(({ attributes, boundaries, counts, sum, count }) => ({
    attributes,
    startTime,
    endTime,
    value: { buckets: { boundaries, counts }, sum, count },
  }));
  return { ...about, aggregationTemporality: 1, dataPointType: kinds.HISTOGRAM, dataPoints };
}

/** Prometheus counts each bucket with all below it; OpenTelemetry each by itself. */
function histograms(name: string, values: ReadMetric['values']) {
  interface Found {
    attributes: Record<string, string | number>;
    boundaries: number[];
    counts: number[];
    sum: number;
    count: number;
    below: number;
  }
  const found = new Map<string, Found>();
  for (const { labels, metricName = '', value } of values) {
    const { le, ...attributes } = labels;
    const key = JSON.stringify(attributes);
    const one = found.get(key) ?? { attributes, boundaries: [], counts: [], sum: 0, count: 0, below: 0 };
    found.set(key, one);
    if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
    else {
      one.counts.push(value - one.below);
      one.below = value;
      if (le !== '+Inf') one.boundaries.push(Number(le));
    }
  }
  return [...found.values()];
}
