import { Stack, Text, Title } from '@mantine/core';
import type { Json, Resource } from '../../directory/pure.ts';
import { MultiField, SimpleField } from './fields.tsx';
import { managerPath, type FormField, type FormSection } from './form-sections.ts';
import { FieldPresence } from '../presence/field-presence.tsx';
import { ManagerField } from './manager-field.tsx';
import { touches } from './refused.tsx';
import { valueAt, withValue } from './values.ts';

interface Props {
  tenant: string;
  sections: readonly FormSection[];
  resource: Resource;
  onEdit: (resource: Resource, path: string) => void;
  /** What the directory found wrong, by path. */
  errors: ReadonlyMap<string, string>;
  /** Paths that somebody else has just changed. */
  flashed: readonly string[];
  /** Another number flashes again. */
  flash: number;
  readOnly: boolean;
}

/** A form of a person or group, made from the schemas. */
export function SchemaForm({ sections, ...props }: Props) {
  return (
    <Stack gap="xl">
      {sections.map(({ id, title, description, fields }) => (
        <section key={id} aria-label={title === '' ? undefined : title}>
          {title !== '' && (
            <Title order={3} size="h5" mb="sm" className="wraps">
              {title}
            </Title>
          )}
          {description !== '' && (
            <Text size="sm" c="dimmed" mt={-8} mb="sm" className="wraps">
              {description}
            </Text>
          )}
          <Stack gap="md">
            <div className="fields">
              {fields
                .filter(({ attribute }) => !attribute.multiValued)
                .map((field) => (
                  <FieldPresence key={field.path} path={field.path}>
                    <OneField field={field} {...props} />
                  </FieldPresence>
                ))}
            </div>
            {fields
              .filter(({ attribute }) => attribute.multiValued)
              .map((field) => (
                <FieldPresence key={field.path} path={field.path}>
                  <OneField field={field} {...props} />
                </FieldPresence>
              ))}
          </Stack>
        </section>
      ))}
    </Stack>
  );
}

type FieldProps = Omit<Props, 'sections'> & { field: FormField };

function OneField({ field, tenant, resource, onEdit, errors, flashed, flash, readOnly }: FieldProps) {
  const { attribute, path, keys } = field;
  const isHere = (candidate: string) => touches(path, candidate);
  const error = [...errors].find(([candidate]) => isHere(candidate))?.[1];
  const common = { error, flash: flashed.some(isHere) ? flash : undefined, readOnly };
  const onChange = (value: Json | undefined) => onEdit(withValue(resource, keys, value), path);
  if (path === managerPath) {
    const id = valueAt(resource, [...keys, 'value']);
    const choose = (chosen: string | null) =>
      onEdit(withValue(resource, keys, chosen === null ? undefined : { value: chosen }), path);
    return (
      <ManagerField {...common} tenant={tenant} id={typeof id === 'string' ? id : null} self={resource.id} onChange={choose} />
    );
  }
  const Component = attribute.multiValued ? MultiField : SimpleField;
  return <Component {...common} attribute={attribute} path={path} value={valueAt(resource, keys)} onChange={onChange} />;
}
