import { Alert, List } from '@mantine/core';
import { useState } from 'react';
import { messageOf, refusalOf } from '../connection.ts';
import { issueText, labelOf } from '../words.ts';

interface Failed {
  error: unknown;
  reset: () => void;
}

/** What a refused save still says: what is wrong with a field is over as soon as the field is edited. */
export function useRefusal({ error, reset }: Failed) {
  const [mended, setMended] = useState<{ error: unknown; paths: ReadonlySet<string> }>({ error: null, paths: new Set() });
  const paths = mended.error === error ? mended.paths : new Set<string>();
  const all = refusalOf(error)?.issues ?? [];
  const issues = all.filter(({ path }) => ![...paths].some((edited) => touches(edited, path)));
  return {
    error: error !== null && (all.length === 0 || issues.length > 0) ? error : undefined,
    errors: new Map(issues.map(({ path, message }) => [path, issueText(message)])),
    edited: (path: string) => error !== null && setMended({ error, paths: new Set([...paths, path]) }),
    reset,
  };
}

/** @returns whether a path is that of the field, or of something inside of it. */
export function touches(field: string, path: string): boolean {
  return path === field || path.startsWith(`${field}[`) || path.startsWith(`${field}.`);
}

/** Says at the top of the form that nothing was saved, and what stands against it. */
export function Refused({ title, error, errors }: { title: string; error: unknown; errors: ReadonlyMap<string, string> }) {
  return (
    <Alert color="red" title={title} role="alert" py="xs">
      {errors.size === 0 ? (
        messageOf(error)
      ) : (
        <List size="sm" listStyleType="none">
          {[...errors].map(([path, message]) => (
            <List.Item key={path}>
              {labelOf(path)}: {message.charAt(0).toLowerCase() + message.slice(1)}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

/** After a refusal: the first field at fault, so that it can be mended at once. */
export function focusFault(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
