import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { Metrics, ReadMetric } from './metrics.ts';
import { closeMs, collectorOf, describeSender, type TelemetryExport, type TelemetryOptions } from './telemetry.ts';

const intervalMs = 60_000;

/**
 * Sends the metrics to an OpenTelemetry collector, where the standard variables ask for it (telemetry.ts). The packages are loaded
 * only then.
 * @returns undefined where nothing is configured.
 */
export async function exportMetrics(metrics: Metrics, options: TelemetryOptions): Promise<TelemetryExport | undefined> {
  const collector = collectorOf('METRICS', options);
  if (collector === undefined) return undefined;
  const { version, log, env = process.env } = options;
  const [{ MeterProvider, PeriodicExportingMetricReader, DataPointType }, { OTLPMetricExporter }, { resource }] =
    await Promise.all([
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
      describeSender(options),
    ]);
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
  log.info({ endpoint: collector, every }, 'metrics are exported');
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
