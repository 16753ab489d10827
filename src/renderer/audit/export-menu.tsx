import { Button, Group, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { AuditFormat } from '../../api/index.ts';
import { client, messageOf } from '../connection.ts';
import { download } from '../download.ts';

const formats: Record<AuditFormat, { label: string; type: string }> = {
  csv: { label: 'As a table (CSV)', type: 'text/csv' },
  jsonl: { label: 'With hashes that can be checked (JSON Lines)', type: 'application/jsonl' },
};

/** Saves the whole log of a tenant as a file. */
export function ExportMenu({ tenant }: { tenant: string }) {
  const [characters, setCharacters] = useState<number>();
  const running = useRef<{ unsubscribe: () => void }>(undefined);
  const end = () => {
    running.current?.unsubscribe();
    running.current = undefined;
    setCharacters(undefined);
  };
  useEffect(() => () => running.current?.unsubscribe(), []);
  const start = (format: AuditFormat) => {
    const pieces: string[] = [];
    let count = 0;
    setCharacters(0);
    running.current = client.audit.export.subscribe(
      { tenant, format },
      {
        onData: (piece) => {
          pieces.push(piece);
          setCharacters((count += piece.length));
        },
        onComplete: () => {
          end();
          download(new Blob(pieces, { type: formats[format].type }), `tandem-log-${tenant}.${format}`);
        },
        onError: (error) => {
          end();
          notifications.show({ color: 'red', title: 'The log was not exported', message: messageOf(error) });
        },
      },
    );
  };
  if (characters !== undefined)
    return (
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" role="status" className="audit-count">
          Exporting … {(characters / 1_000_000).toFixed(1)} MB
        </Text>
        <Button variant="default" onClick={end}>
          Cancel
        </Button>
      </Group>
    );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          rightSection={<IconChevronDown size={16} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['csv', 'jsonl'] as const).map((format) => (
          <Menu.Item key={format} onClick={() => start(format)}>
            {formats[format].label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
