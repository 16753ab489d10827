import { Alert, Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Field } from '../fields.ts';
import { PreviewTable } from './preview.tsx';
import { people, Result } from './result.tsx';
import { useBulk } from './use-bulk.ts';
import { draftFor, type WishDraft } from './wish-draft.ts';
import { WishForm } from './wish-form.tsx';
import type { BulkAction } from './wish.ts';

export interface BulkRequest {
  title: string;
  ids: readonly string[];
  /** Absent where the administrator chooses first what changes. */
  action?: BulkAction;
}

interface Props {
  tenant: string;
  fields: readonly Field[];
  request: BulkRequest;
  onClose: () => void;
  /** Told of people who are not there any more. */
  onDeleted: (ids: readonly string[]) => void;
}

/** Changes many people: first what, then a preview of each, only then the change. */
export function BulkDialog({ tenant, fields, request, onClose, onDeleted }: Props) {
  const changeable = fields.filter(({ changeable }) => changeable);
  const [drafts, setDrafts] = useState<readonly WishDraft[]>(() => {
    const first = changeable.find(({ path }) => path.endsWith(':department')) ?? changeable[0];
    return first ? [draftFor(first)] : [];
  });
  const [action, setAction] = useState(request.action);
  const [busy, setBusy] = useState(false);
  return (
    <Modal
      opened
      onClose={onClose}
      title={request.title}
      size={760}
      closeOnClickOutside={false}
      closeOnEscape={!busy}
      withCloseButton={!busy}
    >
      {action ? (
        <Steps
          tenant={tenant}
          fields={fields}
          ids={request.ids}
          action={action}
          onBusy={setBusy}
          onBack={request.action ? undefined : () => setAction(undefined)}
          onClose={onClose}
          onDeleted={onDeleted}
        />
      ) : (
        <WishForm
          tenant={tenant}
          fields={changeable}
          count={request.ids.length}
          drafts={drafts}
          onDrafts={setDrafts}
          onPreview={(wishes) => setAction({ kind: 'change', wishes })}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

interface StepsProps {
  tenant: string;
  fields: readonly Field[];
  ids: readonly string[];
  action: BulkAction;
  onBusy: (busy: boolean) => void;
  onBack: (() => void) | undefined;
  onClose: () => void;
  onDeleted: (ids: readonly string[]) => void;
}

function Steps({ tenant, fields, ids, action, onBusy, onBack, onClose, onDeleted }: StepsProps) {
  const bulk = useBulk(tenant, ids, action);
  const { phase, plans, outcomes, progress, error } = bulk.state;
  const busy = phase === 'applying' || phase === 'undoing';
  useEffect(() => onBusy(busy), [busy, onBusy]);
  const isDeletion = action.kind === 'delete';
  const changing = plans.filter(({ changes }) => changes.length > 0).length;
  const missing = ids.length - plans.length;
  const left = plans.filter(({ id, changes }) => changes.length > 0 && !outcomes.has(id)).length;
  const canUndo = [...outcomes.values()].some(({ state }) => state === 'done');
  const close = () => {
    if (isDeletion && phase === 'applied')
      onDeleted([...outcomes].filter(([, { state }]) => state === 'done' || state === 'gone').map(([id]) => id));
    onClose();
  };
  return (
    <Stack>
      {error !== undefined && (
        <Alert color="red" title="It stopped" role="alert">
          {error}
        </Alert>
      )}
      {(phase === 'reading' || busy) && (
        <Working
          label={phase === 'reading' ? 'Reading' : phase === 'undoing' ? 'Undoing' : isDeletion ? 'Deleting' : 'Changing'}
          {...progress}
        />
      )}
      {phase === 'preview' && (
        <>
          <Text size="sm">
            {isDeletion
              ? `${people(changing)} will be deleted, and taken out of their groups. Their history stays.`
              : `${people(changing)} will change${plans.length > changing ? `; ${people(plans.length - changing)} already as wanted` : ''}.`}
            {missing > 0 && ` ${people(missing)} not in the directory any more.`}
          </Text>
          {isDeletion ? (
            <Names names={plans.map(({ name }) => name)} />
          ) : (
            <PreviewTable tenant={tenant} plans={plans} fields={fields} />
          )}
        </>
      )}
      {(phase === 'applied' || phase === 'undone') && (
        <Result
          tenant={tenant}
          fields={fields}
          action={action}
          state={bulk.state}
          onRetry={(who) => void bulk.retry(who)}
          onSkip={bulk.skip}
        />
      )}
      <Group justify="end" gap="xs">
        {phase === 'reading' && error !== undefined && (
          <Button variant="default" onClick={bulk.readAgain}>
            Try again
          </Button>
        )}
        {(phase === 'reading' || phase === 'preview') && (
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        )}
        {phase === 'preview' && onBack && (
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
        )}
        {phase === 'preview' && (
          <Button
            {...(isDeletion && { color: 'red' })}
            disabled={changing === 0}
            data-autofocus
            onClick={() => void bulk.apply()}
          >
            {isDeletion ? `Delete ${people(changing)}` : `Change ${people(changing)}`}
          </Button>
        )}
        {busy && (
          <Button variant="default" onClick={bulk.cancel}>
            Stop
          </Button>
        )}
        {phase === 'applied' && left > 0 && (
          <Button variant="default" onClick={() => void bulk.apply()}>
            Go on with {people(left)}
          </Button>
        )}
        {phase === 'applied' && canUndo && (
          <Button variant="default" onClick={() => void bulk.undo()}>
            Undo
          </Button>
        )}
        {(phase === 'applied' || phase === 'undone') && <Button onClick={close}>Close</Button>}
      </Group>
    </Stack>
  );
}

const showAfterMs = 1000;

/** How far it is, once it takes longer than a moment. */
function Working({ label, done, total }: { label: string; done: number; total: number }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), showAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Stack gap={6} mih={44}>
      <Text size="sm" role="status">
        {isLate ? `${label}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}` : `${label} …`}
      </Text>
      {isLate && <Progress value={total === 0 ? 0 : (done / total) * 100} aria-label={label} />}
    </Stack>
  );
}

const namesMax = 200;

function Names({ names }: { names: readonly string[] }) {
  return (
    <div className="people-preview" tabIndex={0} role="region" aria-label="Who">
      <Text size="sm" p={8}>
        {names.slice(0, namesMax).join(', ')}
        {names.length > namesMax && ` and ${(names.length - namesMax).toLocaleString('en')} more`}
      </Text>
    </div>
  );
}
