import { Alert, Button, FileButton, Stack, Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { EarlierImports } from './earlier-imports.tsx';
import type { Job } from '../../api/index.ts';

interface Props {
  tenant: string;
  error: string | undefined;
  onFile: (file: File) => void;
  onOpen: (job: Job) => void;
}

const accepted = '.csv,.tsv,.txt,.json,.jsonl,.ndjson,.ldif,text/csv,application/json';

/** Choosing a file, or an import that was begun before. */
export function StartStep({ tenant, error, onFile, onOpen }: Props) {
  return (
    <Stack>
      {error !== undefined && (
        <Alert color="red" role="alert">
          {error}
        </Alert>
      )}
      <div className="transfer-drop">
        <IconFileImport size={32} aria-hidden className="brand" />
        <Text size="sm" ta="center">
          Drop a file here: CSV from a spreadsheet, JSON, JSON Lines or LDIF.
        </Text>
        <FileButton onChange={(file) => file && onFile(file)} accept={accepted}>
          {(props) => (
            <Button {...props} data-autofocus>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Text size="xs" c="dimmed" ta="center">
          Nothing is written before you have seen what will change.
        </Text>
      </div>
      <EarlierImports tenant={tenant} onOpen={onOpen} />
    </Stack>
  );
}
