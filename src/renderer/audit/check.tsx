import { Alert, Button, Group, Progress, Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { AuditProgress, AuditVerdict } from '../../api/index.ts';
import { client, messageOf } from '../connection.ts';

export type CheckState =
  | { kind: 'idle' }
  | { kind: 'running'; progress: AuditProgress | undefined }
  | { kind: 'done'; verdict: AuditVerdict }
  | { kind: 'failed'; message: string };

/** Checks the log, the history and the directory of a tenant. It ends when the screen does. */
export function useCheck(tenant: string) {
  const [state, setState] = useState<CheckState>({ kind: 'idle' });
  const running = useRef<{ unsubscribe: () => void }>(undefined);
  const stop = () => {
    running.current?.unsubscribe();
    running.current = undefined;
  };
  useEffect(() => stop, []);
  return {
    state,
    start: () => {
      stop();
      setState({ kind: 'running', progress: undefined });
      running.current = client.audit.verify.subscribe(
        { tenant },
        {
          onData: (told) => {
            if ('progress' in told) return setState({ kind: 'running', progress: told.progress });
            setState({ kind: 'done', verdict: told.verdict });
            stop();
          },
          onError: (error) => {
            setState({ kind: 'failed', message: messageOf(error) });
            stop();
          },
        },
      );
    },
    cancel: () => {
      stop();
      setState({ kind: 'idle' });
    },
  };
}

/** How far a check is, or what it has found. */
export function CheckResult({
  state,
  onCancel,
  onShow,
}: {
  state: CheckState;
  onCancel: () => void;
  onShow: (seq: number) => void;
}) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'running': {
      const { checked = 0, total = 0 } = state.progress ?? {};
      return (
        <Group gap="sm" wrap="nowrap" className="audit-check">
          <Progress
            value={total === 0 ? 0 : (100 * checked) / total}
            aria-label="Checking"
            style={{ flex: 1 }}
            transitionDuration={100}
          />
          <Text size="sm" className="audit-count">
            {total === 0 ? 'Checking …' : `${checked.toLocaleString('en')} of ${total.toLocaleString('en')} checked`}
          </Text>
          <Button size="compact-sm" variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      );
    }
    case 'failed':
      return (
        <Alert
          className="audit-check"
          color="red"
          title="The check could not be finished"
          role="alert"
          withCloseButton
          onClose={onCancel}
          closeButtonLabel="Close"
        >
          {state.message}
        </Alert>
      );
    case 'done':
      return <Verdict verdict={state.verdict} onClose={onCancel} onShow={onShow} />;
  }
}

function Verdict({ verdict, onClose, onShow }: { verdict: AuditVerdict; onClose: () => void; onShow: (seq: number) => void }) {
  const { entries, resources } = verdict;
  const close = { withCloseButton: true, closeButtonLabel: 'Close', onClose, className: 'audit-check' };
  if (verdict.unbroken)
    return (
      <Alert color="teal" icon={<IconShieldCheck aria-hidden />} title="Nothing was altered" role="status" {...close}>
        All {entries.toLocaleString('en')} entries follow each other without a gap, and the history and all{' '}
        {resources.toLocaleString('en')} people and groups agree with them.
      </Alert>
    );
  const { problem, seq } = verdict;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="Something was altered" role="alert" {...close}>
      <Text size="sm" className="wraps">
        {problem} Somebody has changed the data folder by other ways than through Tandem. Keep a copy of the folder, find out who
        could write to it, and compare with a backup.
      </Text>
      {seq !== undefined && (
        <Button size="compact-sm" variant="default" mt={8} onClick={() => onShow(seq)}>
          Show entry {seq.toLocaleString('en')}
        </Button>
      )}
    </Alert>
  );
}
