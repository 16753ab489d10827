import { Anchor, Button, Group, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { MemberType, Schema } from '../../directory/pure.ts';
import { textOf } from '../attribute-text.ts';
import { messageOf } from '../connection.ts';
import { breakText, countOf } from './kinds.ts';
import { placeOf } from './section-form.ts';
import type { Checked } from './use-check.ts';

interface Props {
  checked: Checked;
  type: MemberType;
  /** The definition that was checked, and the one before it, in which a field that was taken away has its label. */
  schemas: readonly (Schema | undefined)[];
  onOpen: (id: string) => void;
}

/** Whether a definition can be saved, in a word, where it is always seen. */
export function CheckState({ checked: { check, isChecking }, type }: Pick<Props, 'checked' | 'type'>) {
  if (isChecking)
    return (
      <Group gap="xs" wrap="nowrap" role="status">
        <Loader size={16} aria-hidden />
        <Text size="sm">Checking the fields and values that there are …</Text>
      </Group>
    );
  if (!check) return undefined;
  const { valid, affected } = check;
  const text = valid
    ? 'Nothing stands against it.'
    : affected.count > 0
      ? `It does not fit ${countOf(affected.count, type)}.`
      : 'It cannot be saved like this.';
  return (
    <Group gap="xs" wrap="nowrap" role="status">
      {valid ? (
        <IconCheck size={16} aria-hidden color="var(--tandem-focus)" />
      ) : (
        <IconAlertTriangle size={16} className="warning-icon" aria-hidden />
      )}
      <Text size="sm">{text}</Text>
    </Group>
  );
}

/** What stands against a definition before it is saved: other fields, and the values that there are. */
export function Findings({ checked, type, schemas, onOpen }: Props) {
  const { check, isChecking, error, again } = checked;
  if (error)
    return (
      <Group gap="xs" role="alert">
        <Text size="sm">{messageOf(error)}</Text>
        <Button size="compact-sm" variant="default" onClick={again}>
          Try again
        </Button>
      </Group>
    );
  if (isChecking || !check || check.valid) return undefined;
  const { breaks, affected } = check;
  const broken = new Set(breaks.map(({ path }) => `${check.schema?.id ?? ''}:${path}`));
  const rest = check.issues.filter(({ path }) => !broken.has(path) && placeOf(path).field === undefined);
  return (
    <section className="banner" aria-label="What stands against it">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <IconAlertTriangle size={18} className="warning-icon" aria-hidden />
        <div>
          <Text fw={600} size="sm">
            {breaks.length === 0
              ? 'It cannot be saved like this.'
              : `It does not fit ${countOf(affected.count, type)}. Nothing was changed.`}
          </Text>
          {rest.map(({ path, message }) => (
            <Text key={`${path} ${message}`} size="sm">
              {message}
            </Text>
          ))}
          {rest.length === 0 && breaks.length === 0 && <Text size="sm">See the fields that are marked.</Text>}
          {breaks.map((one) => (
            <div key={`${one.path} ${one.message}`}>
              <Text size="sm" mt={4}>
                {breakText(one, labelOf(schemas, one.path), type)}
              </Text>
              <ul className="extra-people">
                {one.examples.map(({ id, name }) => (
                  <li key={id}>
                    <Anchor component="button" type="button" size="sm" className="wraps" onClick={() => onOpen(id)}>
                      {name}
                    </Anchor>
                  </li>
                ))}
                {one.count > one.examples.length && <li>and {(one.count - one.examples.length).toLocaleString('en')} more</li>}
              </ul>
            </div>
          ))}
          {breaks.length > 0 && (
            <Group gap="xs" mt={8}>
              <Text size="sm">Change them first, or ask for less. What you have typed here is kept.</Text>
              <Button size="compact-sm" variant="default" onClick={again}>
                Check again
              </Button>
            </Group>
          )}
        </div>
      </Group>
    </section>
  );
}

/** @param path of an attribute inside the extension, for example `passes.kind`. */
function labelOf(schemas: readonly (Schema | undefined)[], path: string): string {
  const [name = '', part] = path.split('.');
  const attribute = schemas.flatMap((schema) => schema?.attributes ?? []).find((each) => each.name === name);
  const { label } = textOf(attribute ?? { name, description: '' });
  if (part === undefined) return label;
  const sub = attribute?.subAttributes?.find((each) => each.name === part) ?? { name: part, description: '' };
  return `${label}: ${textOf(sub).label.toLowerCase()}`;
}
