import { Button, CopyButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { same, type Json, type Resource } from '../../directory/pure.ts';
import { RecordText } from './fields.tsx';

/** The record as JSON. What is typed becomes part of the draft as soon as it is a record. */
export function RecordView({ resource, onEdit }: { resource: Resource; onEdit: (resource: Resource) => void }) {
  const [text, setText] = useState(() => format(resource));
  const parsed = parse(text);
  useEffect(() => {
    // Somebody else's change, an undo or a save: shown unless it is what the text says already.
    setText((current) => (same(parse(current), resource) ? current : format(resource)));
  }, [resource]);
  return (
    <div className="record">
      <RecordText
        text={text}
        readOnly={false}
        error={parsed ? undefined : 'This is not a valid record yet: check commas, quotes and brackets.'}
        onChange={(next) => {
          setText(next);
          const record = parse(next);
          if (record) onEdit(record);
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
