import { Group, SegmentedControl, Text, Title } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import type { EventKind, ScenarioEvent } from '../../api/index.ts';
import { secondsText } from './times.ts';

const turns = new Set<EventKind>(['phase', 'conflict', 'merge', 'ask', 'decide']);

/** Everything that happened, in words and in its order. */
export function EventLog({ events }: { events: readonly ScenarioEvent[] }) {
  const [what, setWhat] = useState<'all' | 'turns'>('all');
  const list = useRef<HTMLOListElement>(null);
  /** Whether the end is followed: until somebody scrolls up. */
  const follows = useRef(true);
  const lastTop = useRef(0);
  const shown = what === 'all' ? events : events.filter(({ kind }) => turns.has(kind));
  useEffect(() => {
    const { current } = list;
    if (current && follows.current) current.scrollTop = current.scrollHeight;
  }, [shown.length]);
  return (
    <section className="event-log" aria-labelledby="what-happened">
      <Group justify="space-between" gap="xs">
        <Title order={3} size="h5" id="what-happened">
          What happened
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          value={what}
          onChange={(value) => setWhat(value)}
          data={[
            { value: 'all', label: 'Everything' },
            { value: 'turns', label: 'Conflicts and decisions' },
          ]}
        />
      </Group>
      {shown.length === 0 ? (
        <Text size="sm" c="dimmed">
          {events.length === 0 ? 'The clients are connecting …' : 'No conflict so far.'}
        </Text>
      ) : (
        // It can be scrolled from the keyboard, and is not read aloud by itself: there may be hundreds of lines.
        <ol
          ref={list}
          tabIndex={0}
          aria-labelledby="what-happened"
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            const isEnd = scrollTop + clientHeight > scrollHeight - 40;
            // What has come meanwhile moves the end away too, but not the place.
            follows.current = isEnd || (follows.current && scrollTop >= lastTop.current);
            lastTop.current = scrollTop;
          }}
        >
          {shown.map((event) => (
            <Line key={event.seq} event={event} />
          ))}
        </ol>
      )}
    </section>
  );
}

const Line = memo(function Line({ event: { kind, at, ms, lane, text } }: { event: ScenarioEvent }) {
  if (kind === 'phase') return <li className="event-phase">{text}</li>;
  return (
    <li className="event-line" data-kind={kind}>
      <span className="event-time">{secondsText(kind === 'wait' || kind === 'ask' ? at : at + ms)}</span>
      <span>
        <strong>{lane}</strong> {text}
      </span>
    </li>
  );
});
