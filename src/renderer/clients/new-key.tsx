import { Button, Checkbox, Group, NumberInput, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Tenant } from '../../directory/pure.ts';
import { client as api, messageOf } from '../connection.ts';
import { ShownOnce } from './shown-once.tsx';
import { useChange } from './use-change.ts';
import { scopeLabels, scopes, type Scope } from './words.ts';

interface Props {
  tenants: readonly Tenant[];
  tenant: string;
  /** Whether it is to see people only, unless the person decides otherwise. */
  readOnly?: boolean;
  /** Whether it is a part of another form, without a border of its own. */
  inside?: boolean;
  /** Is given the key, which is then not shown here. */
  onMade?: (key: string, id: string) => void;
  onClose: () => void;
}

/** Makes an access key for a script or a service. */
export function NewKey({ tenants, tenant, readOnly = true, inside = false, onMade, onClose }: Props) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(tenant);
  const [may, setMay] = useState<readonly Scope[]>(readOnly ? ['scim:read'] : ['scim:read', 'scim:write']);
  const [days, setDays] = useState<number | ''>('');
  const [key, setKey] = useState<string>();
  const change = useChange();
  if (key !== undefined) return <ShownOnce text={key} onDone={onClose} />;
  const make = async () => {
    const request = { tenant: chosen, name: name.trim(), scopes: [...may], ...(days !== '' && { days }) };
    const made = await api.clients.makeKey.mutate(request);
    if (onMade) onMade(made.key, made.id);
    else setKey(made.key);
  };
  return (
    <Paper withBorder={!inside} p={inside ? 0 : 'md'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ change: make, told: 'The key is made' });
        }}
      >
        <Stack gap="sm">
          <Group gap="sm" align="flex-start">
            <TextInput
              label="Name"
              description="Its changes are recorded under it."
              flex="1 1 200px"
              required
              maxLength={100}
              autoComplete="off"
              data-autofocus
              autoFocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label="Tenant"
              description="It reaches no other."
              flex="1 1 160px"
              data={tenants.map(({ id, name: label }) => ({ value: id, label }))}
              value={chosen}
              onChange={(value) => value !== null && setChosen(value)}
              allowDeselect={false}
            />
            <NumberInput
              label="Days until it ends"
              description="Empty: never."
              w={150}
              min={1}
              max={3650}
              allowDecimal={false}
              value={days}
              onChange={(value) => setDays(typeof value === 'number' ? value : '')}
            />
          </Group>
          <Checkbox.Group
            label="It may"
            value={[...may]}
            onChange={(value) => setMay(scopes.filter((scope) => value.includes(scope)))}
          >
            <Group mt="xs" gap="lg">
              {scopes.map((scope) => (
                <Checkbox key={scope} value={scope} label={scopeLabels[scope]} />
              ))}
            </Group>
          </Checkbox.Group>
          {change.error && (
            <Text size="sm" role="alert" c="var(--mantine-color-error)">
              {messageOf(change.error)}
            </Text>
          )}
          <Group gap="xs">
            <Button type="submit" loading={change.isPending} disabled={name.trim() === '' || may.length === 0}>
              Make the key
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
