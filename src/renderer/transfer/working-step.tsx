import { Button, Text } from '@mantine/core';
import type { Job } from '../../api/index.ts';
import { Step } from './step.tsx';
import type { SendingFile } from './use-import.ts';
import { restText, useRate, Working } from './working.tsx';
import { bytes, rows } from './words.ts';

/** The file is on its way. */
export function SendingStep({ sending: { name, sent, size }, onCancel }: { sending: SendingFile; onCancel: () => void }) {
  return (
    <Step
      title={name}
      actions={
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      }
    >
      <Working label="Reading the file" share={sent / size} text={`Reading the file: ${bytes(sent)} of ${bytes(size)}`} />
    </Step>
  );
}

interface Props {
  job: Job;
  error: string | undefined;
  onCancel: () => void;
}

/** A preview or an import is under way. */
export function WorkingStep({ job, error, onCancel }: Props) {
  const { done, total } = job.progress ?? { done: 0, total: 0 };
  const rate = useRate(done);
  const isImport = job.state === 'running';
  const label = isImport ? 'Importing' : 'Looking at each row';
  const facts = [
    `${label}: ${done.toLocaleString('en')} of ${rows(total)}`,
    rate !== undefined && `${Math.round(rate).toLocaleString('en')} a second`,
    restText(total - done, rate),
  ];
  return (
    <Step
      title={job.name}
      error={error}
      actions={
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      }
    >
      <Working label={label} share={total === 0 ? undefined : done / total} text={facts.filter(Boolean).join(' · ')} />
      <Text size="sm" c="dimmed">
        {isImport
          ? `What is done stays, also if you cancel. You can close this dialog; the import goes on.${
              job.problemCount ? ` ${rows(job.problemCount)} with problems so far.` : ''
            }`
          : 'Nothing is written yet.'}
      </Text>
    </Step>
  );
}
