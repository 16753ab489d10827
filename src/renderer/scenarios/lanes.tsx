import { IconRobot, IconUser } from '@tabler/icons-react';
import { memo, type CSSProperties } from 'react';
import type { LaneInfo, RunSnapshot, ScenarioEvent } from '../../api/index.ts';
import { Legend, Mark } from './mark.tsx';
import { lengthFor } from './times.ts';

const ticks = [0, 0.25, 0.5, 0.75] as const;
/** Hues of the lanes, each far from the one before. */
const hues = [190, 30, 280, 130, 340, 230, 60, 310, 165, 10, 255, 95] as const;

/** Each client as a row on one time line, with what it does now in words. What is drawn is told in the log too. */
export function Lanes({ run, events, now }: { run: RunSnapshot; events: readonly ScenarioEvent[]; now: number }) {
  const length = lengthFor(now);
  const byLane = Map.groupBy(events, ({ lane }) => lane ?? '');
  const phases = events.filter(({ kind }) => kind === 'phase');
  return (
    <section className="lanes" aria-label="Timeline">
      <div className="lanes-axis" aria-hidden>
        {ticks.map((tick) => (
          <span key={tick} className="lanes-tick" style={{ left: `${tick * 100}%` }}>
            {(tick * length) / 1000} s
          </span>
        ))}
      </div>
      <div className="lanes-phases" aria-hidden>
        {phases.map(({ seq, at, text }, index) => (
          <span
            key={seq}
            className="lanes-phase"
            style={{ left: percent(at, length), width: percent((phases[index + 1]?.at ?? length) - at, length) }}
          >
            {text.split(':', 1)[0]}
          </span>
        ))}
      </div>
      <ul className="lanes-rows">
        {run.lanes.map((lane, index) => (
          <LaneRow key={lane.name} lane={lane} index={index} events={byLane.get(lane.name) ?? none} length={length} />
        ))}
      </ul>
      <div className="lanes-over" aria-hidden>
        {phases.slice(1).map(({ seq, at }) => (
          <span key={seq} className="lanes-cut" style={{ left: percent(at, length) }} />
        ))}
        {(run.state === 'running' || run.state === 'paused') && (
          <span className="lanes-now" style={{ left: percent(now, length) }} />
        )}
      </div>
      <Legend />
    </section>
  );
}

const none: readonly ScenarioEvent[] = [];

interface RowProps {
  lane: LaneInfo;
  index: number;
  events: readonly ScenarioEvent[];
  length: number;
}

function Row({ lane: { name, kind, role }, index, events, length }: RowProps) {
  const Icon = kind === 'person' ? IconUser : IconRobot;
  const style = { '--lane-hue': hues[index % hues.length] } as CSSProperties;
  return (
    <li className="lane" style={style}>
      <span className="lane-avatar">
        <Icon size={16} aria-hidden />
      </span>
      <span className="lane-words">
        <span className="lane-name">{name}</span>
        <span className="lane-doing">{events.at(-1)?.text ?? role}</span>
      </span>
      <svg className="lane-track" aria-hidden>
        {events.map(({ seq, kind: what, at, ms }) =>
          what === 'wait' ? (
            <rect
              key={seq}
              className="event-bar"
              x={percent(at, length)}
              y="50%"
              width={percent(Math.max(ms, length / 400), length)}
              height="5"
            />
          ) : (
            <Mark key={seq} kind={what} at={((what === 'ask' ? at : at + ms) / length) * 100} />
          ),
        )}
      </svg>
    </li>
  );
}

/** Drawn again only when something has come to it, or the time line has grown: a storm has hundreds of marks. */
const LaneRow = memo(Row, (before, after) => before.events.length === after.events.length && before.length === after.length);

function percent(ms: number, length: number): string {
  return `${(ms / length) * 100}%`;
}
