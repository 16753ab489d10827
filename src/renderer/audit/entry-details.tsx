import { ActionIcon, Button, Code, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { AuditEntry, Json } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { ChangeLines } from '../history/change-lines.tsx';
import { doors } from '../history/words.ts';
import { exactTime, labelOf, typeWords, valueText } from '../words.ts';
import { deedOf, kindLabels, whoOf } from './audit-words.ts';

interface Props {
  tenant: string;
  entry: AuditEntry;
  /** Shows the person or group that it is about. */
  onShow: (subject: { type: 'User' | 'Group'; id: string }) => void;
  onClose: () => void;
}

/** One entry: who did what, when, what it was before and after, and the hashes that hold it in its place. */
export function EntryDetails({ tenant, entry, onShow, onClose }: Props) {
  const { seq, at, kind, actor, subject, version, previous, hash } = entry;
  const { type, id } = subject ?? {};
  const isResource = type === 'User' || type === 'Group';
  const isGone = entry.event === 'delete';
  return (
    <section className="audit-details" aria-label="Entry">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={3} size="h4" className="wraps">
          {deedOf(entry)}
        </Title>
        <ActionIcon variant="subtle" aria-label="Close the entry" onClick={onClose}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Group>
      <dl className="audit-facts">
        <Fact name="When">{exactTime(at)}</Fact>
        <Fact name="Who">
          {whoOf(entry)} ({doors[actor.door]})
        </Fact>
        {actor.approvedBy && <Fact name="Approved by">{actor.approvedBy.name}</Fact>}
        <Fact name="Kind">{kindLabels[kind]}</Fact>
        {subject && <Fact name="About">{subject.name ?? subject.id}</Fact>}
        {factsOf(entry).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
      {kind === 'write' && entry.event !== 'delete' && <Changes tenant={tenant} entry={entry} />}
      <SettingChanges entry={entry} />
      {isResource && id !== undefined && !isGone && (
        <Button variant="default" size="compact-sm" mt="sm" onClick={() => onShow({ type, id })}>
          Show {typeWords[type].this}
        </Button>
      )}
      <details className="audit-hashes">
        <summary>For verification</summary>
        <dl className="audit-facts">
          <Fact name="Entry">{seq.toLocaleString('en')}</Fact>
          <Fact name="Actor ID">{actor.id}</Fact>
          {subject && <Fact name="About ID">{subject.id}</Fact>}
          {version !== undefined && <Fact name="Version">{version}</Fact>}
          <Fact name="Hash">
            <Code>{hash}</Code>
          </Fact>
          <Fact name="Follows">
            <Code>{previous}</Code>
          </Fact>
        </dl>
      </details>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="wraps">{children}</dd>
    </>
  );
}

/** What a write changed, while the history keeps it; else only which fields. */
function Changes({ tenant, entry }: { tenant: string; entry: AuditEntry }) {
  const details = useQuery(trpc.audit.entry.queryOptions({ tenant, seq: entry.seq }));
  if (details.error)
    return (
      <Text size="sm" role="alert" mt="sm">
        {messageOf(details.error)}
      </Text>
    );
  if (!details.data) return <Skeleton height={60} mt="sm" />;
  const { changes } = details.data;
  return (
    <Stack gap={2} mt="sm">
      <Text size="sm" fw={600}>
        {entry.event === 'create' ? 'As it was added' : 'Before and after'}
      </Text>
      {changes ? (
        <ChangeLines tenant={tenant} changes={changes} />
      ) : (
        <Text size="sm">This version is no longer kept in the history.</Text>
      )}
    </Stack>
  );
}

interface SettingChange {
  path: string;
  before?: Json | null;
  after?: Json | null;
}

/** What was changed of settings and policy. */
function SettingChanges({ entry: { detail } }: { entry: AuditEntry }) {
  const changes = detail['changes'];
  if (!Array.isArray(changes)) return null;
  return (
    <Stack gap={2} mt="sm" className="wraps">
      <Text size="sm" fw={600}>
        Before and after
      </Text>
      {(changes as unknown as SettingChange[]).map(({ path, before, after }) => (
        <Text key={path} size="sm">
          {path.split('.').map(labelOf).join(', ')}: <s>{valueText(before ?? undefined)}</s> → {valueText(after ?? undefined)}
        </Text>
      ))}
    </Stack>
  );
}

const factLabels: Record<string, string> = {
  reason: 'Reason',
  intent: 'Asked for',
  rule: 'Rule',
  message: 'Answer',
  scopes: 'May',
  expires: 'Ends',
  client: 'Client',
  redirectHost: 'Sent to',
  fields: 'Fields',
  times: 'Times',
};

function factsOf({ kind, detail }: AuditEntry): [string, string][] {
  return Object.entries(factLabels).flatMap(([name, label]): [string, string][] => {
    const value = detail[name];
    if (value === undefined || (kind === 'write' && name === 'fields')) return [];
    if (name === 'fields' && Array.isArray(value))
      return value.length === 0 ? [] : [[label, value.map(String).map(labelOf).join(', ')]];
    if (name === 'expires' && typeof value === 'string') return [[label, exactTime(value)]];
    return [[label, Array.isArray(value) ? value.map(valueText).join(', ') : valueText(value)]];
  });
}
