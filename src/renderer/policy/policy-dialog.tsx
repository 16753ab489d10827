import { Alert, Button, CopyButton, Code, Group, Loader, Modal, Stack, Tabs, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useState } from 'react';
import { keysText } from '../commands.ts';
import { messageOf, refusalOf } from '../connection.ts';
import { OthersChanged } from './others-changed.tsx';
import './policy.css';
import { PolicyForm } from './policy-form.tsx';
import { placeOf, toPolicy } from './rules.ts';
import { TryPolicy } from './try-policy.tsx';
import { usePolicy } from './use-policy.ts';
import { ruleLabels } from './words.ts';

interface Props {
  opened: boolean;
  tenant: string;
  tenantName: string;
  onClose: () => void;
}

/** What software may do in a tenant without a person, over the whole window. */
export function PolicyDialog({ opened, tenant, tenantName, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Policy of ${tenantName}`}
      fullScreen
      transitionProps={{ duration: 0 }}
      classNames={{ content: 'policy-content', body: 'policy-body' }}
    >
      <PolicyScreen key={tenant} tenant={tenant} />
    </Modal>
  );
}

function PolicyScreen({ tenant }: { tenant: string }) {
  const policy = usePolicy(tenant);
  const [tab, setTab] = useState<string | null>('rules');
  const { draft, isChanged, isSaving, saveError } = policy;
  useHotkeys([['mod+S', () => isChanged && !policy.theirs && policy.save()]], []);
  if (!draft)
    return policy.error ? (
      <Stack align="flex-start">
        <Text role="alert">{messageOf(policy.error)}</Text>
        <Button variant="default" onClick={policy.retry}>
          Try again
        </Button>
      </Stack>
    ) : (
      <Loader aria-label="Loading" />
    );
  const issues = refusalOf(saveError)?.issues ?? [];
  return (
    <>
      <Group justify="space-between" gap="sm">
        <Text size="sm" className="policy-intro">
          What AI agents and provisioning clients may do here without a person. You are not subject to it.
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" c="dimmed" role="status">
            {isChanged ? 'Not saved yet' : ''}
          </Text>
          <Button variant="default" disabled={!isChanged || isSaving} onClick={policy.discard}>
            Discard
          </Button>
          <Button
            disabled={!isChanged || policy.theirs !== undefined}
            loading={isSaving}
            onClick={policy.save}
            title={keysText('mod+S')}
          >
            Save
          </Button>
        </Group>
      </Group>
      {policy.theirs && <OthersChanged differences={policy.theirs} onCatchUp={policy.catchUp} onDiscard={policy.discard} />}
      {saveError && (
        <Alert color="red" title="Not saved" role="alert" py="xs">
          {issues.length === 0
            ? messageOf(saveError)
            : issues.map(({ path, message }) => (
                <Text key={path} size="sm">
                  {whereOf(path, draft.clients)}: {message}
                </Text>
              ))}
        </Alert>
      )}
      <Tabs value={tab} onChange={setTab} keepMounted={false} className="policy-tabs">
        <Tabs.List>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="try">Try it</Tabs.Tab>
          <Tabs.Tab value="json">As JSON</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules" className="policy-panel">
          <PolicyForm tenant={tenant} draft={draft} issues={issues} onEdit={policy.edit} />
        </Tabs.Panel>
        <Tabs.Panel value="try" className="policy-panel">
          <TryPolicy tenant={tenant} draft={draft} isChanged={isChanged} />
        </Tabs.Panel>
        <Tabs.Panel value="json" className="policy-panel scroll">
          <AsJson text={JSON.stringify(toPolicy(draft), undefined, 2)} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function whereOf(path: string, clients: readonly { client: string }[]): string {
  const { index, name } = placeOf(path);
  const label = ruleLabels[name as keyof typeof ruleLabels] ?? name;
  return index === undefined
    ? label
    : `${clients[index]?.client ?? 'A client'}, ${label.charAt(0).toLowerCase()}${label.slice(1)}`;
}

function AsJson({ text }: { text: string }) {
  return (
    <Stack gap="xs" py="md">
      <Group justify="space-between">
        <Text size="sm">For “tandem policy set FILE”, and to keep it elsewhere.</Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" size="compact-sm" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block>{text}</Code>
    </Stack>
  );
}
