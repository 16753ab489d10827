import { Button, Group, Stack, Text } from '@mantine/core';
import { useId, useMemo, useRef, useState, type FormEvent } from 'react';
import { problemsOf } from './check-form.ts';
import { FormField } from './form-field.tsx';
import { answerOf, fieldsOf, initialValues, type Values } from './form-fields.ts';

interface Props {
  /** JSON Schema of the answer. */
  schema: Record<string, unknown>;
  draft: Values | undefined;
  isSending: boolean;
  /** What the host said against the last answer. */
  refusal: { field: string | undefined; message: string } | undefined;
  onDraft: (values: Values) => void;
  onAccept: (answer: Values) => void;
  onDecline: () => void;
  onPutAside: () => void;
}

/** A form made from a schema: checked where it is filled in, and used without a mouse. */
export function ElicitedForm(props: Props) {
  const { schema, isSending, refusal } = props;
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [values, setValues] = useState(() => initialValues(schema, props.draft));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const fieldId = (name: string) => `${id}-${name}`;

  const change = (name: string, value: unknown) => {
    const next = { ...values, [name]: value };
    setValues(next);
    props.onDraft(next);
    // What was said of a field is looked at again as soon as it changes.
    if (problems[name] !== undefined) {
      const { [name]: _known, ...others } = problems;
      const now = problemsOf(schema, fields, answerOf(fields, next))[name];
      setProblems(now === undefined ? others : { ...others, [name]: now });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isSending) return;
    const answer = answerOf(fields, values);
    const found = problemsOf(schema, fields, answer);
    setProblems(found);
    const first = fields.find(({ name }) => found[name] !== undefined);
    if (!first) return props.onAccept(answer);
    const field = form.current?.querySelector<HTMLElement>(`#${CSS.escape(fieldId(first.name))}`);
    const control = field?.matches('input, textarea') ? field : field?.querySelector<HTMLElement>('input');
    (control ?? field)?.focus();
  };
  const unplaced = refusal && !fields.some(({ name }) => name === refusal.field) ? refusal.message : undefined;
  return (
    <form ref={form} noValidate onSubmit={submit}>
      <Stack gap="sm">
        {fields.map((field) => (
          <FormField
            key={field.name}
            field={field}
            id={fieldId(field.name)}
            value={values[field.name]}
            error={problems[field.name] ?? (refusal?.field === field.name ? refusal.message : undefined)}
            disabled={isSending}
            onChange={(value) => change(field.name, value)}
          />
        ))}
        {unplaced !== undefined && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {unplaced}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" size="compact-sm" loading={isSending}>
            {fields.length === 0 ? 'Yes' : 'Send'}
          </Button>
          <Button variant="default" size="compact-sm" disabled={isSending} onClick={props.onDecline}>
            Decline
          </Button>
          <Button variant="subtle" color="gray" size="compact-sm" disabled={isSending} onClick={props.onPutAside}>
            Put aside
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
