import { Button, SegmentedControl } from '@mantine/core';
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconRefresh,
  IconTrash,
  IconUsers,
} from '@tabler/icons-react';
import type { RunSnapshot, Speed } from '../../api/index.ts';

const speeds: { value: Speed; label: string }[] = [
  { value: '0.5x', label: '0.5×' },
  { value: '1x', label: '1×' },
  { value: '2x', label: '2×' },
  { value: '4x', label: '4×' },
  { value: 'fast', label: 'Fastest' },
];

export interface RunActions {
  pause: () => void;
  resume: () => void;
  setSpeed: (speed: Speed) => void;
  stop: () => void;
  again: () => void;
  goOn: () => void;
  look: () => void;
  remove: () => void;
}

/** What can be done with a run: while it is played, and when it is over. */
export function RunControls({ run, isBusy, actions }: { run: RunSnapshot; isBusy: boolean; actions: RunActions }) {
  const isOver = run.state !== 'running' && run.state !== 'paused';
  if (isOver)
    return (
      <div className="run-controls">
        {run.resumable && (
          <Button leftSection={<IconPlayerTrackNext size={16} aria-hidden />} disabled={isBusy} onClick={actions.goOn}>
            Go on from its checkpoint
          </Button>
        )}
        <Button
          variant={run.resumable ? 'default' : 'filled'}
          leftSection={<IconRefresh size={16} aria-hidden />}
          disabled={isBusy}
          onClick={actions.again}
        >
          Run again
        </Button>
        <Button variant="default" leftSection={<IconUsers size={16} aria-hidden />} onClick={actions.look}>
          Look at its people
        </Button>
        <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} disabled={isBusy} onClick={actions.remove}>
          Remove
        </Button>
      </div>
    );
  return (
    <div className="run-controls">
      {run.state === 'paused' ? (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={actions.resume}>
          Go on
        </Button>
      ) : (
        <Button leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={actions.pause}>
          Pause
        </Button>
      )}
      <Button variant="default" leftSection={<IconPlayerStop size={16} aria-hidden />} disabled={isBusy} onClick={actions.stop}>
        Stop
      </Button>
      <SegmentedControl
        aria-label="Speed"
        value={run.speed}
        onChange={(value) => actions.setSpeed(value)}
        data={speeds}
        withItemsBorders={false}
      />
    </div>
  );
}
