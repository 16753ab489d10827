import { Stack, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { nameOf, userSchemas, type Attribute, type Json, type Resource } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { MultiField, PersonField, SimpleField } from './fields.tsx';
import { touches } from './refused.tsx';
import { valueAt, withValue } from './values.ts';

interface Props {
  tenant: string;
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

interface Field {
  attribute: Attribute;
  path: string;
  keys: string[];
}

/** In this order; what the schemas have beyond it comes last, so that an extension's attribute appears by itself. */
const sections: { title: string; paths: string[] }[] = [
  { title: 'Name', paths: ['displayName', 'userName', 'name.givenName', 'name.familyName', 'nickName'] },
  { title: 'Contact', paths: ['emails', 'phoneNumbers', 'addresses'] },
  {
    title: 'Organisation',
    paths: ['title', 'department', 'manager', 'division', 'organization', 'costCenter', 'employeeNumber', 'userType'],
  },
  { title: 'Account', paths: ['active', 'preferredLanguage', 'locale', 'timezone'] },
];
/** Kept by programs, or not shown: their place is the whole record. */
const hidden = new Set(['id', 'password', 'x509Certificates', 'photos', 'groups']);

const fields: Field[] = [
  ...userSchemas.core.attributes.flatMap((attribute) => expand(attribute, attribute.name, [attribute.name])),
  ...userSchemas.extensions.flatMap(({ id, attributes }) =>
    attributes.flatMap((attribute) => expand(attribute, `${id}:${attribute.name}`, [id, attribute.name])),
  ),
];

/** A complex attribute with one value is shown as its parts; the manager is one choice. */
function expand(attribute: Attribute, path: string, keys: string[]): Field[] {
  if (attribute.mutability === 'readOnly' || hidden.has(attribute.name)) return [];
  if (attribute.type !== 'complex' || attribute.multiValued || attribute.name === 'manager') return [{ attribute, path, keys }];
  return (attribute.subAttributes ?? []).map((part) => ({
    attribute: part,
    path: `${path}.${part.name}`,
    keys: [...keys, part.name],
  }));
}

const shortPath = ({ path }: Field): string => path.slice(path.lastIndexOf(':') + 1);
const named = new Set(sections.flatMap(({ paths }) => paths));
const grouped = [
  ...sections.map(({ title, paths }) => ({
    title,
    fields: paths.flatMap((path) => fields.filter((field) => shortPath(field) === path)),
  })),
  { title: 'More', fields: fields.filter((field) => !named.has(shortPath(field))) },
];

/** The form of a user, made from the schemas. */
export function PersonForm(props: Props) {
  return (
    <Stack gap="xl">
      {grouped.map(({ title, fields: shown }) => (
        <section key={title} aria-label={title}>
          <Title order={3} size="h5" mb="sm">
            {title}
          </Title>
          <Stack gap="md">
            <div className="fields">
              {shown
                .filter(({ attribute }) => !attribute.multiValued)
                .map((field) => (
                  <OneField key={field.path} field={field} {...props} />
                ))}
            </div>
            {shown
              .filter(({ attribute }) => attribute.multiValued)
              .map((field) => (
                <OneField key={field.path} field={field} {...props} />
              ))}
          </Stack>
        </section>
      ))}
    </Stack>
  );
}

function OneField({ field, tenant, resource, onEdit, errors, flashed, flash, readOnly }: Props & { field: Field }) {
  const { attribute, path, keys } = field;
  const isHere = (candidate: string) => touches(path, candidate);
  const error = [...errors].find(([candidate]) => isHere(candidate))?.[1];
  const common = { error, flash: flashed.some(isHere) ? flash : undefined, readOnly };
  const onChange = (value: Json | undefined) => onEdit(withValue(resource, keys, value), path);
  const value = valueAt(resource, keys);
  if (attribute.name === 'manager') {
    const id = valueAt(resource, [...keys, 'value']);
    const choose = (chosen: string | null) =>
      onEdit(withValue(resource, keys, chosen === null ? undefined : { value: chosen }), path);
    return (
      <ManagerField {...common} tenant={tenant} id={typeof id === 'string' ? id : null} self={resource.id} onChange={choose} />
    );
  }
  const Component = attribute.multiValued ? MultiField : SimpleField;
  return <Component {...common} attribute={attribute} path={path} value={value} onChange={onChange} />;
}

function ManagerField(props: {
  tenant: string;
  id: string | null;
  self: string;
  onChange: (id: string | null) => void;
  error: string | undefined;
  flash: number | undefined;
  readOnly: boolean;
}) {
  const { tenant, id, self, ...rest } = props;
  const [text, setText] = useState('');
  const current = useQuery({ ...trpc.people.get.queryOptions({ tenant, id: id ?? '' }), enabled: id !== null });
  const name = current.data ? nameOf(current.data.resource) : undefined;
  // The field shows the chosen name as its search text, which is not a search.
  const [search] = useDebouncedValue(text === name ? '' : text.trim(), 120);
  const found = useQuery(
    trpc.people.list.queryOptions({
      tenant,
      offset: 0,
      limit: 20,
      sort: { by: 'displayName', descending: false },
      ...(search === '' ? {} : { search }),
    }),
  );
  const people = (found.data?.rows ?? [])
    .filter((person) => person.id !== self)
    .map((person) => ({ value: person.id, label: person.displayName }));
  if (id !== null && !people.some(({ value }) => value === id))
    people.unshift({ value: id, label: name ?? 'Somebody who is not here any more' });
  return <PersonField {...rest} label="Manager" value={id} people={people} onSearch={setText} />;
}
