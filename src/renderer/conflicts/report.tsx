import { Anchor, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ConflictReport } from '../../directory/pure.ts';
import type { Opened } from '../navigation.ts';
import { labelOf } from '../words.ts';
import { AdviceList } from './advice.tsx';
import { BarList } from './bar-list.tsx';
import { HourBars } from './hour-bars.tsx';
import { durationText, endings } from './words.ts';

/** Figures, advice and charts of a time. */
export function Report({ report, onShow }: { report: ConflictReport; onShow: (subject: Opened) => void }) {
  const { conflicts, isCut, retriesPerSuccess, medianResolutionMs, byStrategy, byKind, byHour, fields, resources, pairs } =
    report;
  const isSettled = retriesPerSuccess > 0;
  const strategies = Object.entries(byStrategy) as [keyof typeof endings, number][];
  return (
    <>
      <dl className="conflict-figures">
        <Figure name="Conflicts" value={conflicts.toLocaleString('en')} />
        <Figure name="Still open" value={(byStrategy.open ?? 0).toLocaleString('en')} />
        <Figure name="Retries until it worked" value={isSettled ? retriesPerSuccess.toLocaleString('en') : '–'} />
        <Figure name="Usual time to settle" value={isSettled ? durationText(medianResolutionMs) : '–'} />
        <Figure name="Outdated records caught" value={byKind.STALE_BODY.toLocaleString('en')} />
      </dl>
      {isCut && (
        <Text size="sm" c="dimmed">
          There were more; the newest {conflicts.toLocaleString('en')} are counted.
        </Text>
      )}
      <AdviceList advice={report.advice} onShow={onShow} />
      <div className="conflict-charts">
        <Chart title="Hour of the day" wide>
          <HourBars byHour={byHour} />
        </Chart>
        <Chart title="Fields">
          <BarList
            label="Conflicts by field"
            what="Field"
            rows={fields.map(({ name, conflicts: count }) => ({ id: name, name: labelOf(name), title: name, count }))}
            empty="No field is known."
          />
        </Chart>
        <Chart title="People and groups">
          <BarList
            label="Conflicts by person or group"
            what="Person or group"
            rows={resources.map(({ type, id, name, conflicts: count }) => ({
              id,
              name:
                type === 'Agent' ? (
                  <bdi>{name}</bdi>
                ) : (
                  <Anchor
                    component="button"
                    type="button"
                    size="sm"
                    ta="start"
                    className="wraps"
                    onClick={() => onShow({ kind: type === 'Group' ? 'group' : 'person', id })}
                  >
                    <bdi>{name}</bdi>
                  </Anchor>
                ),
              count,
            }))}
            empty=""
          />
        </Chart>
        <Chart title="Who met whom">
          <BarList
            label="Conflicts by those who met"
            what="Who"
            rows={pairs.map(({ refused, other, field, conflicts: count }) => ({
              id: `${refused} ${other}`,
              name: (
                <>
                  <bdi>{refused}</bdi> met <bdi>{other}</bdi>
                  {field !== undefined && <span className="sub">mostly about {labelOf(field).toLowerCase()}</span>}
                </>
              ),
              count,
            }))}
            empty="It is not known whom they met."
          />
        </Chart>
        <Chart title="How they ended">
          <BarList
            label="Conflicts by how they ended"
            what="How it ended"
            rows={strategies
              .toSorted(([, a], [, b]) => b - a)
              .map(([strategy, count]) => ({ id: strategy, name: endings[strategy], count }))}
            empty=""
          />
        </Chart>
      </div>
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="conflict-figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Chart({ title, wide = false, children }: { title: string; wide?: boolean; children: ReactNode }) {
  return (
    <section aria-label={title} className={wide ? 'conflict-chart conflict-chart-wide' : 'conflict-chart'}>
      <Title order={3} size="h6" mb="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}
