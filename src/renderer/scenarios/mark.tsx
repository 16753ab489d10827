import type { EventKind } from '../../api/index.ts';

interface Shape {
  label: string;
  /** How high on its lane, in percent: in a storm, what is refused would hide all else. */
  y?: number;
  path: string;
  isHollow?: true;
}

/** How what happens is drawn, around the point where it happened: told by its shape, and by its colour only beside it. */
const shapes: Partial<Record<EventKind, Shape>> = {
  read: { label: 'Reads', y: 76, path: 'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0', isHollow: true },
  write: { label: 'Writes', path: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0' },
  conflict: { label: 'Is refused', y: 24, path: 'M0 -6.5L6.5 5H-6.5Z' },
  merge: { label: 'Merges', path: 'M0 -7L7 0L0 7L-7 0Z' },
  wait: { label: 'Waits', path: 'M-5 -2.5h10v5h-10z', isHollow: true },
  ask: { label: 'Asks', path: 'M-6 -6h12v9h-6l-3.5 4v-4h-2.5z', isHollow: true },
  decide: { label: 'Decides', path: 'M-6 -6h12v9h-6l-3.5 4v-4h-2.5z' },
  done: { label: 'Is done', path: 'M-5 0l3.5 4l6.5 -8', isHollow: true },
};

export const drawnKinds = Object.keys(shapes) as EventKind[];

/** @param at place on the time line, in percent. */
export function Mark({ kind, at }: { kind: EventKind; at: number }) {
  const shape = shapes[kind];
  if (!shape) return null;
  return (
    <svg x={`${at}%`} y={`${shape.y ?? 50}%`} overflow="visible">
      <path className={`event-mark event-${kind}`} data-hollow={shape.isHollow} d={shape.path} />
    </svg>
  );
}

/** What the shapes mean. */
export function Legend() {
  return (
    <ul className="legend" aria-label="What the marks mean">
      {drawnKinds.map((kind) => (
        <li key={kind}>
          <svg className="legend-mark" viewBox="-9 -9 18 18" aria-hidden>
            <path className={`event-mark event-${kind}`} data-hollow={shapes[kind]?.isHollow} d={shapes[kind]?.path} />
          </svg>
          {shapes[kind]?.label}
        </li>
      ))}
    </ul>
  );
}
