import { Alert, Button, Group, Modal, NativeSelect, Radio, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ExportPiece } from '../../api/index.ts';
import { client, messageOf, trpc } from '../connection.ts';
import { download } from '../download.ts';
import { csvMark, FileParts, takePieces } from './pieces.ts';
import './transfer.css';
import type { ExportRequest } from './transfer.tsx';
import { Working } from './working.tsx';
import { bytes, things, type Kind } from './words.ts';

interface Props {
  tenant: string;
  /** What the tenant is called. */
  name: string;
  /** Absent while the dialog is closed. */
  request: ExportRequest | undefined;
  onClose: () => void;
}

const formats = [
  { value: 'csv', label: 'CSV, for spreadsheets', type: 'text/csv;charset=utf-8' },
  { value: 'json', label: 'JSON', type: 'application/json' },
  { value: 'jsonl', label: 'JSON Lines', type: 'application/x-ndjson' },
] as const;
type Format = (typeof formats)[number]['value'];

/** Saves people or groups as a file. */
export function ExportDialog({ tenant, name, request, onClose }: Props) {
  return (
    <Modal opened={request !== undefined} onClose={onClose} title={`Export from ${name}`} size="md" closeOnClickOutside={false}>
      {request && <ExportForm tenant={tenant} request={request} onClose={onClose} />}
    </Modal>
  );
}

interface State {
  piece?: ExportPiece;
  size: number;
  /** What it was saved as. */
  saved?: string;
  error?: string;
}

function ExportForm({ tenant, request, onClose }: Omit<Props, 'name'> & { request: ExportRequest }) {
  const [kind, setKind] = useState<Kind>(request.kind);
  const [format, setFormat] = useState<Format>('csv');
  const parts = kind === request.kind ? (request.some ?? []) : [];
  // Whoever has found or selected some wants those.
  const [who, setWho] = useState(() => parts.length - 1);
  const [state, setState] = useState<State>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const people = useQuery({ ...trpc.people.list.queryOptions({ tenant, offset: 0, limit: 1 }), enabled: kind === 'users' });
  const groups = useQuery({ ...trpc.groups.list.queryOptions({ tenant, offset: 0, limit: 1 }), enabled: kind === 'groups' });
  const total = (kind === 'users' ? people : groups).data?.total;
  const part = parts[who];
  const count = part?.count ?? total;

  const start = async () => {
    const controller = new AbortController();
    running.current = controller;
    setState({ size: 0 });
    const file = new FileParts();
    if (format === 'csv') file.add(csvMark);
    try {
      const only = await part?.only();
      await takePieces<ExportPiece>(
        (handlers) => client.transfer.export.subscribe({ tenant, kind, format, ...(only && { only }) }, handlers),
        (piece) => {
          file.add(piece.text);
          setState({ piece, size: file.size });
        },
        controller.signal,
      );
      const whole = file.whole(formats.find(({ value }) => value === format)?.type ?? '');
      const name = `${tenant}-${kind === 'users' ? 'people' : 'groups'}-${today()}.${format}`;
      download(whole, name);
      setState((before) => ({ ...before, size: whole.size, saved: name }));
    } catch (problem) {
      setState(controller.signal.aborted ? undefined : { size: 0, error: messageOf(problem) });
    }
  };

  if (state?.saved !== undefined)
    return (
      <Stack>
        <Group gap={8} wrap="nowrap" role="status">
          <IconCheck size={20} aria-hidden className="brand" />
          <Text size="sm" className="wraps">
            {things(state.piece?.written ?? 0, kind)} saved as {state.saved}, {bytes(state.size)}.
          </Text>
        </Group>
        <Group justify="end">
          <Button data-autofocus ref={(button) => button?.focus()} onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    );
  if (state && state.error === undefined)
    return (
      <Stack>
        <Working
          label="Exporting"
          share={state.piece?.share}
          text={
            state.piece && state.piece.written > 0
              ? `${things(state.piece.written, kind)}, ${bytes(state.size)}`
              : 'Finding out which columns there are'
          }
        />
        <Group justify="end">
          <Button variant="default" ref={(button) => button?.focus()} onClick={() => running.current?.abort()}>
            Cancel
          </Button>
        </Group>
      </Stack>
    );
  return (
    <Stack>
      {state?.error !== undefined && (
        <Alert color="red" role="alert">
          {state.error}
        </Alert>
      )}
      <fieldset>
        <legend>What</legend>
        <SegmentedControl
          fullWidth
          value={kind}
          onChange={(value) => {
            setKind(value);
            setWho(value === request.kind ? (request.some?.length ?? 0) - 1 : -1);
          }}
          data={[
            { value: 'users', label: 'People' },
            { value: 'groups', label: 'Groups' },
          ]}
        />
      </fieldset>
      {parts.length > 0 && (
        <Radio.Group label="Who" value={String(who)} onChange={(value) => setWho(Number(value))}>
          <Stack gap={8} mt={6}>
            <Radio value="-1" label={total === undefined ? 'All' : `All ${things(total, kind)}`} />
            {parts.map(({ label }, index) => (
              <Radio key={label} value={String(index)} label={label} />
            ))}
          </Stack>
        </Radio.Group>
      )}
      <NativeSelect
        label="Format"
        data={formats.map(({ value, label }) => ({ value, label }))}
        value={format}
        onChange={(event) => setFormat(formats.find(({ value }) => value === event.currentTarget.value)?.value ?? 'csv')}
      />
      <Text size="xs" c="dimmed">
        Passwords are never in it. Every row has its version, so that an import of the edited file sees what others changed
        meanwhile.
      </Text>
      <Group justify="end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button data-autofocus disabled={count === 0} onClick={() => void start()}>
          {count === undefined ? 'Export' : `Export ${things(count, kind)}`}
        </Button>
      </Group>
    </Stack>
  );
}

/** In the person's own time zone, as files are sorted by name. */
function today(): string {
  return new Intl.DateTimeFormat('sv').format(new Date());
}
