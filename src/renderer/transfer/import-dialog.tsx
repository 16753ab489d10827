import { Button, Group, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Job } from '../../api/index.ts';
import { queryClient, trpc } from '../connection.ts';
import { fieldsOf, type Field } from '../people/fields.ts';
import { useSchemas } from '../use-schemas.ts';
import { ColumnsStep } from './columns-step.tsx';
import { PreviewStep } from './preview-step.tsx';
import { ResultStep } from './result-step.tsx';
import { StartStep } from './start-step.tsx';
import './transfer.css';
import type { ImportRequest } from './transfer.tsx';
import { isUnderWay, useImport, type Import } from './use-import.ts';
import { rows } from './words.ts';
import { SendingStep, WorkingStep } from './working-step.tsx';

interface Props {
  tenant: string;
  /** What the tenant is called. */
  name: string;
  /** Absent while the dialog is closed. */
  request: ImportRequest | undefined;
  onReopen: () => void;
  onClose: () => void;
  /** Shows a person or a group. */
  onOpen: (kind: 'person' | 'group', id: string) => void;
}

/** Imports a file: choose it, say what its columns are, see what will change, and only then import it. */
export function ImportDialog({ tenant, name, request, onReopen, onClose, onOpen }: Props) {
  const isOpen = useRef(false);
  isOpen.current = request !== undefined;
  const current = useImport(tenant, (job) => {
    void queryClient.invalidateQueries(trpc.people.pathFilter());
    void queryClient.invalidateQueries(trpc.groups.pathFilter());
    if (!isOpen.current) tellOver(job, onReopen);
  });
  const { job, sending } = current;
  const file = request?.file;
  const send = useRef(current.send);
  send.current = current.send;
  useEffect(() => {
    if (file) void send.current(file);
  }, [file]);
  const schemas = useSchemas(tenant);
  const fields = useMemo(() => fieldsOf(schemas.User), [schemas]);
  const close = () => {
    // An import goes on, and can be looked at again.
    if (!job || !isUnderWay(job)) current.leave();
    onClose();
  };
  return (
    <Modal opened={request !== undefined} onClose={close} title={`Import into ${name}`} size={860} closeOnClickOutside={false}>
      {request &&
        (sending ? (
          <SendingStep sending={sending} onCancel={current.cancelSending} />
        ) : job ? (
          <JobSteps
            key={job.id}
            tenant={tenant}
            job={job}
            current={current}
            listKind={request.kind}
            fields={fields}
            onClose={close}
            onOpen={(id) => {
              close();
              onOpen(job.options?.kind === 'groups' ? 'group' : 'person', id);
            }}
          />
        ) : (
          <StartStep tenant={tenant} error={current.error} onFile={(chosen) => void current.send(chosen)} onOpen={current.open} />
        ))}
    </Modal>
  );
}

interface StepsProps {
  tenant: string;
  job: Job;
  current: Import;
  listKind: ImportRequest['kind'];
  fields: readonly Field[];
  onClose: () => void;
  onOpen: (id: string) => void;
}

const none = { create: 0, update: 0, unchanged: 0, skipped: 0, invalid: 0, conflict: 0 };

/** The steps of an import whose file is there: which one it is at, the host knows. */
function JobSteps({ tenant, job, current, listKind, fields, onClose, onOpen }: StepsProps) {
  const { id, options, plan, counts } = job;
  const [isChoosing, setChoosing] = useState(false);
  const preview = (chosen: NonNullable<Job['options']>) => {
    setChoosing(false);
    void current.preview(id, chosen);
  };
  if (isUnderWay(job)) return <WorkingStep job={job} error={current.error} onCancel={() => void current.cancel(id)} />;
  if (options && plan && job.state === 'previewed' && !isChoosing)
    return (
      <PreviewStep
        key={JSON.stringify(options)}
        job={job}
        options={options}
        plan={plan}
        fields={fields}
        error={current.error}
        onBack={() => setChoosing(true)}
        onPreview={preview}
        onRun={() => void current.run(id)}
        onOpen={onOpen}
      />
    );
  // Before its first rows were done, one that failed has to be put right instead.
  if (options && (counts || job.state === 'cancelled' || job.state === 'interrupted'))
    return (
      <ResultStep
        job={job}
        options={options}
        counts={counts ?? none}
        fields={fields}
        error={current.error}
        onGoOn={() => void current.run(id)}
        onAnother={current.leave}
        onClose={onClose}
        onOpen={onOpen}
      />
    );
  return (
    <ColumnsStep
      tenant={tenant}
      job={job}
      listKind={listKind}
      fields={fields}
      error={current.error ?? (job.state === 'failed' ? job.error : undefined)}
      onPreview={preview}
      onOtherFile={() => void current.discard(id)}
    />
  );
}

/** Says that an import is over to who has closed its dialog meanwhile. */
function tellOver({ name, state, problemCount = 0 }: Job, onLook: () => void): void {
  const what =
    state === 'done'
      ? problemCount === 0
        ? 'is imported.'
        : `is imported, but ${rows(problemCount)} had problems.`
      : 'could not be imported to its end.';
  const id = notifications.show({
    autoClose: 15_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" className="wraps">
          {name} {what}
        </Text>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => {
            notifications.hide(id);
            onLook();
          }}
        >
          Show
        </Button>
      </Group>
    ),
  });
}
