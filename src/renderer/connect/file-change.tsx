import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ClientGuide, ConnectChoice, DiffLine, FileOutcome, FilePreview } from '../../api/index.ts';
import { client as api, messageOf, queryClient, trpc } from '../connection.ts';

interface Props {
  guide: ClientGuide;
  choice: ConnectChoice;
  action: 'add' | 'remove';
  onDone: (outcome: Extract<FileOutcome, { state: 'written' }>) => void;
  onCancel: () => void;
}

/** Shows what a client's configuration file would become, and writes just that. */
export function FileChange({ guide: { kind, name }, choice, action, onDone, onCancel }: Props) {
  const request = { kind, action, ...choice };
  const first = useQuery({ ...trpc.connect.previewFile.queryOptions(request), gcTime: 0, retry: false });
  /** What somebody else has made of it meanwhile. */
  const [newer, setNewer] = useState<FilePreview>();
  const preview = newer ?? first.data;
  const write = useMutation({
    mutationFn: (version: string) => api.connect.writeFile.mutate({ ...request, version }),
    onSuccess: (outcome) => (outcome.state === 'written' ? onDone(outcome) : setNewer(outcome.preview)),
    onSettled: () => queryClient.invalidateQueries(trpc.connect.guides.pathFilter()),
  });
  const error = write.error ?? first.error;
  return (
    <Stack gap="xs" className="connect-change" role="group" aria-label={`Change of the settings of ${name}`}>
      {newer && (
        <Alert color="yellow" role="status" py="xs" title="The file has changed meanwhile">
          Another program wrote it after you saw it, so nothing was written. This is what would change now.
        </Alert>
      )}
      {preview && (
        <>
          <Text size="xs" c="dimmed" className="wraps">
            {preview.isNew ? 'This file will be made: ' : 'What changes in '}
            {preview.path}
            {!preview.isNew && '. All else stays as it is; a backup is kept beside it.'}
          </Text>
          {preview.lines.length === 0 ? (
            <Text size="sm">Nothing: the file is as it should be.</Text>
          ) : (
            <Diff lines={preview.lines} />
          )}
        </>
      )}
      {!preview && !error && <Loader size="sm" aria-label="Reading the file" />}
      {error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)" className="wraps">
          {messageOf(error)}
        </Text>
      )}
      <Group gap="xs">
        {preview && preview.lines.length > 0 && (
          <Button size="compact-sm" loading={write.isPending} onClick={() => write.mutate(preview.version)}>
            {action === 'add' ? 'Write it' : 'Remove it'}
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          {preview?.lines.length === 0 ? 'Close' : 'Cancel'}
        </Button>
      </Group>
    </Stack>
  );
}

const marks: Record<DiffLine['kind'], string> = { same: ' ', added: '+', removed: '−', gap: ' ' };

function Diff({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <div className="connect-diff" role="region" aria-label="What changes" tabIndex={0}>
      <ol>
        {lines.map(({ kind, text }, index) => (
          <li key={index} data-kind={kind}>
            {marks[kind]} {text}
          </li>
        ))}
      </ol>
    </div>
  );
}
