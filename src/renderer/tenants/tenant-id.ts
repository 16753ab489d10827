const idMax = 63;

/** @returns the id that a name suggests: lower-case letters, digits and hyphens; one that is not taken. */
export function suggestId(name: string, taken: ReadonlySet<string>): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const base = plain.slice(0, idMax - 4).replace(/-+$/, '');
  if (base === '' || !taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}

/** @returns what is wrong with an id, in words; undefined where it can be used. */
export function idProblem(id: string, taken: ReadonlySet<string>): string | undefined {
  if (id === '') return 'An id is needed.';
  if (id.length > idMax) return `At most ${idMax} characters.`;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) return 'Only lower-case letters, digits and hyphens; a letter or digit comes first.';
  if (taken.has(id)) return 'There is a tenant with this id already.';
  return undefined;
}
