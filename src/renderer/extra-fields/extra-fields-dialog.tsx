import { Button, CopyButton, Group, Loader, Modal, Stack, Text, Title } from '@mantine/core';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownExtension } from '../../api/index.ts';
import type { MemberType } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import type { Opened } from '../navigation.ts';
import { changeOf, newSection, useEditing, type Editing } from './editing.ts';
import './extra-fields.css';
import { ImportSection } from './import-section.tsx';
import { fieldsText } from './kinds.ts';
import { RemoveSection } from './remove-section.tsx';
import { SectionEditor } from './section-editor.tsx';

interface Props {
  tenant: string;
  /** What people call the tenant. */
  name: string;
  opened: boolean;
  onClose: () => void;
  onOpen: (to: Opened) => void;
}

/** The fields that a tenant gives its people and groups beside the usual ones. */
export function ExtraFieldsDialog({ tenant, name, opened, onClose, onOpen }: Props) {
  const [editing, setEditing] = useEditing(tenant);
  const [isImporting, setImporting] = useState(false);
  const sections = useQuery({ ...trpc.extensions.list.queryOptions({ tenant }), enabled: opened });
  const close = () => {
    setImporting(false);
    onClose();
  };
  const open = (id: string) => {
    close();
    onOpen({ kind: editing?.type === 'Group' ? 'group' : 'person', id });
  };
  return (
    <Modal opened={opened} onClose={close} title={`Extra fields of ${name}`} size="xl">
      {sections.error ? (
        <Group>
          <Text size="sm" role="alert">
            {messageOf(sections.error)}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => void sections.refetch()}>
            Try again
          </Button>
        </Group>
      ) : !sections.data ? (
        <Loader aria-label="Loading" />
      ) : editing ? (
        <SectionEditor
          tenant={tenant}
          editing={editing}
          current={sections.data[editing.type].find(({ schema }) => schema.id === editing.base?.schema.id)}
          onEdit={setEditing}
          onDone={() => setEditing(null)}
          onOpen={open}
        />
      ) : isImporting ? (
        <ImportSection
          tenant={tenant}
          sections={sections.data}
          onImported={(imported) => {
            setImporting(false);
            setEditing(imported);
          }}
          onClose={() => setImporting(false)}
        />
      ) : (
        <Stack>
          <Text size="sm">
            Sections of fields that people or groups have here beside the usual ones. They are in the forms, filters and columns
            at once, and programs and agents see them too.
          </Text>
          {(['User', 'Group'] as const).map((type) => (
            <Sections key={type} tenant={tenant} type={type} sections={sections.data[type]} onEdit={setEditing} />
          ))}
          <div>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconFileImport size={16} aria-hidden />}
              onClick={() => setImporting(true)}
            >
              Import from JSON …
            </Button>
          </div>
        </Stack>
      )}
    </Modal>
  );
}

interface SectionsProps {
  tenant: string;
  type: MemberType;
  sections: readonly ShownExtension[];
  onEdit: (editing: Editing) => void;
}

function Sections({ tenant, type, sections, onEdit }: SectionsProps) {
  const [removing, setRemoving] = useState<string>();
  const title = type === 'User' ? 'People' : 'Groups';
  return (
    <section aria-label={title}>
      <Title order={3} size="h5" mb="xs">
        {title}
      </Title>
      <Stack gap="xs">
        {sections.length === 0 && (
          <Text size="sm" c="dimmed">
            {title} have the usual fields only.
          </Text>
        )}
        {sections.map((section) => {
          const { schema } = section;
          if (removing === schema.id)
            return (
              <RemoveSection key={schema.id} tenant={tenant} type={type} base={section} onClose={() => setRemoving(undefined)} />
            );
          return (
            <div key={schema.id} className="extra-section">
              <div className="extra-section-text">
                <Text fw={600} size="sm" className="wraps">
                  {schema.name}
                </Text>
                <Text size="sm" className="wraps">
                  {fieldsText(schema)}
                </Text>
                <Text size="xs" c="dimmed" className="wraps">
                  {schema.id}
                </Text>
              </div>
              <Group gap={4}>
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={`Change ${schema.name}`}
                  onClick={() => onEdit(changeOf(type, section))}
                >
                  Change
                </Button>
                <CopyButton value={JSON.stringify(schema, null, 2)}>
                  {({ copied, copy }) => (
                    <Button variant="default" size="compact-sm" onClick={copy}>
                      {copied ? 'Copied' : 'Copy as JSON'}
                    </Button>
                  )}
                </CopyButton>
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={`Remove ${schema.name} …`}
                  onClick={() => setRemoving(schema.id)}
                >
                  Remove …
                </Button>
              </Group>
            </div>
          );
        })}
        <div>
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => onEdit(newSection(type))}>
            Add fields for {title.toLowerCase()}
          </Button>
        </div>
      </Stack>
    </section>
  );
}
