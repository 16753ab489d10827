/** A value that can be bound. */
export type Value = string | number;

/** A piece of SQL, with the values of its parameters in their order. */
export interface Sql {
  text: string;
  values: Value[];
}

/** Joins SQL: pieces of SQL stand as they are, values become bound parameters. */
export function sql(texts: TemplateStringsArray, ...parts: (Sql | Value)[]): Sql {
  const values: Value[] = [];
  let text = texts[0] ?? '';
  parts.forEach((part, index) => {
    text += typeof part === 'object' ? part.text : '?';
    values.push(...(typeof part === 'object' ? part.values : [part]));
    text += texts[index + 1] ?? '';
  });
  return { text, values };
}

/** @returns pieces joined by an operator, in parentheses if there are several. */
export function joined(pieces: readonly Sql[], operator: 'and' | 'or'): Sql {
  const text = pieces.map((piece) => piece.text).join(` ${operator} `);
  return { text: pieces.length === 1 ? text : `(${text})`, values: pieces.flatMap(({ values }) => values) };
}
