import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CallLimits } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { LimitFields } from './limit-fields.tsx';
import './security.css';

interface Props {
  label: string;
  /** What is set for this one; empty where it is as the settings say. */
  limits: CallLimits;
  kind: 'keys' | 'clients' | 'tenants';
  isSaving: boolean;
  onSave: (limits: CallLimits) => void;
}

/** The limits of one client or tenant, where they shall not be those of the settings. */
export function OwnLimits({ label, limits, kind, isSaving, onSave }: Props) {
  const settings = useQuery(trpc.security.read.queryOptions());
  const [typed, setTyped] = useState(limits);
  if (!settings.data) return null;
  const isChanged = JSON.stringify(typed) !== JSON.stringify(limits);
  return (
    <form
      role="group"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(typed);
      }}
    >
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        Empty fields are as the settings say. What you set here holds from the next call on.
      </Text>
      <LimitFields value={typed} usual={settings.data.limits[kind]} onChange={setTyped} />
      {isChanged && (
        <Group gap="xs" mt="xs">
          <Button type="submit" size="compact-sm" variant="default" loading={isSaving}>
            Set these limits
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setTyped(limits)}>
            Cancel
          </Button>
        </Group>
      )}
    </form>
  );
}
