import { useMemo, type ComponentProps } from 'react';
import { useSchemas } from '../use-schemas.ts';
import { personSections } from './form-sections.ts';
import { SchemaForm } from './schema-form.tsx';

/** The form of a user. */
export function PersonForm(props: Omit<ComponentProps<typeof SchemaForm>, 'sections'>) {
  const { User } = useSchemas(props.tenant);
  const sections = useMemo(() => personSections(User), [User]);
  return <SchemaForm {...props} sections={sections} />;
}
