import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { z } from 'zod';
import { StartError } from './data-folder.ts';

const problemsMax = 5;

interface Problem {
  offset: number;
  message: string;
}

/**
 * Reads settings that a person may have edited.
 * @param path of the file, for the message. @param text of the file.
 * @throws StartError that names for each problem the file, the line and column (from 1), the setting and the fix.
 */
export function readSettings<S extends z.ZodType>(schema: S, path: string, text: string): z.output<S> {
  // Some editors put a mark at the beginning (RFC 8259 §8.1 allows to ignore it).
  const json = text.replace(/^\uFEFF/, '');
  const refuse = (problems: readonly Problem[]): never => {
    const inOrder = problems.toSorted((a, b) => a.offset - b.offset);
    const lines = inOrder.slice(0, problemsMax).map(({ offset, message }) => `${path}, ${placeOf(json, offset)}: ${message}`);
    const others = problems.length - lines.length;
    if (others > 0) lines.push(`… and ${others} more.`);
    throw new StartError(lines.join('\n'));
  };
  const errors: ParseError[] = [];
  const root = parseTree(json, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first) return refuse([{ offset: first.offset, message: `This is not valid JSON: ${syntaxOf(first, json)}.` }]);
  if (!root)
    return refuse([{ offset: 0, message: 'The file is empty. Write {} into it, or delete it, for the default settings.' }]);
  const repeated = repeatedNames(root);
  if (repeated.length > 0) return refuse(repeated);
  const parsed = schema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  return refuse(parsed.error.issues.flatMap((issue) => problemsOf(issue, root, schema)));
}

function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** Says it in words: `CommaExpected` as “comma expected”. */
function syntaxOf({ error, offset, length }: ParseError, text: string): string {
  const words = printParseErrorCode(error)
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const found = text.slice(offset, offset + Math.min(length, 20)).trim();
  return found === '' ? words : `${words} at ${found}`;
}

/** JSON.parse takes the last of two settings of one name; the person cannot know which counts. */
function repeatedNames(node: Node): Problem[] {
  const children = node.children ?? [];
  const names = node.type === 'object' ? children.map(({ children: [name] = [] }) => String(name?.value)) : [];
  const own = children
    .filter((_child, index) => names.indexOf(names[index] ?? '') < index && index < names.length)
    .map(({ offset, children: [name] = [] }) => ({
      offset,
      message: `"${String(name?.value)}" stands here twice. Keep one of them.`,
    }));
  return [...own, ...children.flatMap(repeatedNames)];
}

function problemsOf(issue: z.core.$ZodIssue, root: Node, schema: z.ZodType): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const node = findNodeAtLocation(root, path);
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, path);
    return issue.keys.map((key) => ({
      offset: findNodeAtLocation(root, [...path, key])?.parent?.offset ?? node?.offset ?? 0,
      message: `${[...path, key].join('.')}: There is no such setting. Correct its name or take it out; there are: ${known.join(', ')}.`,
    }));
  }
  const name = path.join('.');
  return [
    {
      offset: node?.offset ?? root.offset,
      message: `${name === '' ? '' : `${name}: `}${issue.message}${/[.!)]$/.test(issue.message) ? '' : '.'}`,
    },
  ];
}

/** The settings that there are at a path. */
function namesAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let here: unknown = schema;
  for (const part of path) {
    here = unwrapped(here);
    if (here instanceof z.ZodObject) here = here.shape[String(part)];
    else if (here instanceof z.ZodArray) here = here.element;
    else if (here instanceof z.ZodRecord) here = here.valueType;
    else return [];
  }
  here = unwrapped(here);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? unwrapped(schema.unwrap()) : schema;
}
