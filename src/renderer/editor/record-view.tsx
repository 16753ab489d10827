import { Button, CopyButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { merge, same, type Json, type Resource } from '../../directory/pure.ts';
import { RecordText } from './fields.tsx';

/** What was typed as a record and is none yet, and the record that it began from. */
export interface Unfinished {
  text: string;
  from: Resource;
}

interface Props {
  resource: Resource;
  onEdit: (resource: Resource) => void;
  /** Kept by the caller, so that it is there again after a look at another tab. */
  unfinished: Unfinished | undefined;
  onUnfinished: (unfinished: Unfinished | undefined) => void;
}

/** The record as JSON. What is typed becomes part of the draft as soon as it is a record. */
export function RecordView({ resource, onEdit, unfinished, onUnfinished }: Props) {
  const [finished, setFinished] = useState(() => format(resource));
  const text = unfinished?.text ?? finished;
  useEffect(() => {
    // Somebody else's change, an undo or a save: shown unless it is what the text says already.
    setFinished((current) => (same(parse(current), resource) ? current : format(resource)));
  }, [resource]);
  return (
    <div className="record">
      <RecordText
        text={text}
        readOnly={false}
        error={unfinished && 'This is not a valid record yet: check commas, quotes and brackets.'}
        onChange={(next) => {
          const record = parse(next);
          const from = unfinished?.from ?? resource;
          onUnfinished(record ? undefined : { text: next, from });
          if (!record) return;
          setFinished(next);
          // What others changed while it was no record is not taken back by it.
          onEdit(same(from, resource) ? record : merge(from, record, resource, () => 'mine').merged);
        }}
      />
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="compact-sm" className="copy" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

function format(resource: Resource): string {
  return JSON.stringify(resource, null, 2);
}

function parse(text: string): Resource | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' &&
      !Array.isArray(value) &&
      Array.isArray(value['schemas']) &&
      typeof value['id'] === 'string'
      ? (value as Resource)
      : undefined;
  } catch {
    return undefined;
  }
}
