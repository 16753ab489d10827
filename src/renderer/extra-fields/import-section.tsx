import { Alert, Button, Group, List, SegmentedControl, Stack, Text, Textarea, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownExtension } from '../../api/index.ts';
import type { MemberType } from '../../directory/pure.ts';
import { client, messageOf } from '../connection.ts';
import type { Editing } from './editing.ts';
import { readProposal } from './proposal.ts';
import { fromSchema } from './section-form.ts';

interface Props {
  tenant: string;
  sections: Record<MemberType, readonly ShownExtension[]>;
  onImported: (editing: Editing) => void;
  onClose: () => void;
}

/** Takes a definition as JSON, for example one that an agent has proposed and checked, into the editor. Nothing is saved yet. */
export function ImportSection({ tenant, sections, onImported, onClose }: Props) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<MemberType>();
  const proposal = readProposal(text);
  const type = chosen ?? proposal?.type ?? 'User';
  const read = useMutation({
    mutationFn: async (schema: Record<string, unknown>) => {
      const check = await client.extensions.validate.mutate({ tenant, type, schema });
      if (check.schema) {
        const { schema } = check;
        const base = sections[type].find((section) => section.schema.id === schema.id) ?? null;
        onImported({ type, base, form: fromSchema(schema) });
      }
      return check;
    },
  });
  const issues = read.data && !read.data.schema ? read.data.issues : [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (proposal) read.mutate(proposal.schema);
      }}
    >
      <Stack gap="sm">
        <Title order={3} size="h5">
          Import from JSON
        </Title>
        <Text size="sm">
          Paste a definition that an agent has proposed, or one from “Copy as JSON” elsewhere. You see it in the form before
          anything is saved.
        </Text>
        <Textarea
          label="Definition"
          autoFocus
          autosize
          minRows={8}
          maxRows={18}
          spellCheck={false}
          styles={{ input: { fontFamily: 'ui-monospace, monospace', fontSize: 13 } }}
          value={text}
          error={
            text.trim() !== '' && !proposal ? 'This is not JSON of a definition: check commas, quotes and brackets.' : undefined
          }
          onChange={(event) => {
            setText(event.currentTarget.value);
            read.reset();
          }}
        />
        <SegmentedControl
          aria-label="Fields of"
          value={type}
          onChange={(value) => setChosen(value)}
          data={[
            { value: 'User', label: 'For people' },
            { value: 'Group', label: 'For groups' },
          ]}
        />
        {issues.length > 0 && (
          <Alert color="red" title="Not imported" role="alert" py="xs">
            <List size="sm" listStyleType="none">
              {issues.map(({ path, message }) => (
                <List.Item key={`${path} ${message}`}>
                  {path === '' ? '' : `${path}: `}
                  {message}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        {read.error && (
          <Alert color="red" title="Not imported" role="alert" py="xs">
            {messageOf(read.error)}
          </Alert>
        )}
        <Group gap="xs">
          <Button type="submit" disabled={!proposal} loading={read.isPending}>
            Import
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
