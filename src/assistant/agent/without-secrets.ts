const secretNames = new Set(['password', 'token', 'client_secret', 'secret']);
const hidden = '[not kept]';

/**
 * The arguments of a call without what is secret in them: members such as `password`, and what a SCIM PATCH sets `password` to
 * (RFC 7644 §3.5.2). The rest is the same.
 */
export function withoutSecrets(args: Record<string, unknown>): Record<string, unknown> {
  return hideIn(args) as Record<string, unknown>;
}

function hideIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideIn);
  if (typeof value !== 'object' || value === null) return value;
  const path: unknown = 'path' in value ? value.path : undefined;
  const setsSecret = typeof path === 'string' && isSecret(path.split(':').at(-1) ?? '');
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isText = typeof member === 'string';
      return [name, isText && (isSecret(name) || (setsSecret && name === 'value')) ? hidden : hideIn(member)];
    }),
  );
}

function isSecret(name: string): boolean {
  return secretNames.has(name.toLowerCase());
}
