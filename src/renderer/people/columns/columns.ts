import type { UserSummary } from '../../../directory/pure.ts';
import { exactDay } from '../dates.ts';
import type { Field } from '../fields.ts';

/** A column of the table of people, beside their name. */
export interface Column {
  /** SCIM path, as the directory reads it. */
  path: string;
  label: string;
  section: string;
  /** What the directory sorts by; absent where an order would mean nothing to people. */
  sortBy?: string;
  /** The shape of its text. */
  kind: Field['kind'];
  /** What every row has without asking for it. */
  summary?: keyof UserSummary;
  /** Smallest width in pixels, where there are many columns. */
  width: number;
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const department = `${enterprise}:department`;

/** What the directory has at hand, and sorts fast at any size. */
const summaries: Record<string, { summary: keyof UserSummary; sortBy: string }> = {
  userName: { summary: 'userName', sortBy: 'userName' },
  title: { summary: 'title', sortBy: 'title' },
  [department]: { summary: 'department', sortBy: 'department' },
  active: { summary: 'active', sortBy: 'active' },
  'meta.lastModified': { summary: 'lastModified', sortBy: 'lastModified' },
};
const labels: Record<string, string> = { active: 'Status', 'emails.value': 'Email', 'phoneNumbers.value': 'Phone' };
const widths: Record<string, number> = { active: 72, 'emails.value': 170, userName: 170, 'meta.lastModified': 150 };
const usual = [department, 'active'];
const usualWide = [department, `${enterprise}:manager`, 'emails.value', 'active'];
const common = new Set([...usualWide, 'userName', 'title', `${enterprise}:employeeNumber`, 'meta.lastModified']);
const usualWidth = 110;

/** Whether a column is offered first. */
export function isCommon({ path }: Column): boolean {
  return common.has(path);
}

/** @returns every column that there can be. The name is always shown and is none of them. */
export function allColumns(fields: readonly Field[]): Column[] {
  return fields
    .filter(({ path, stored }) => stored && path !== 'displayName')
    .map((field): Column => {
      // A reference is shown by the name of who is referred to, and sorted by nothing: its order is that of ids.
      const isPerson = field.kind === 'person';
      const path = isPerson ? field.keys.join(':') : field.path;
      return {
        path,
        label: labels[path] ?? field.label,
        section: field.section,
        kind: field.kind,
        width: widths[path] ?? usualWidth,
        ...(!isPerson && { sortBy: path }),
        ...summaries[path],
      };
    });
}

/**
 * @param chosen the paths that the administrator has chosen; null for the usual ones.
 * @param wide whether the list has much room.
 * @returns the columns to show, in their order; what the schemas do not have any more is left out.
 */
export function shownColumns(all: readonly Column[], chosen: readonly string[] | null, wide: boolean): Column[] {
  const paths = chosen ?? (wide ? usualWide : usual);
  return paths.flatMap((path) => all.find((column) => column.path === path) ?? []);
}

/** @returns a copy with the element at one place moved to another; the same list where that is outside. */
export function moved(paths: readonly string[], from: number, to: number): readonly string[] {
  const path = paths[from];
  if (path === undefined || to < 0 || to >= paths.length) return paths;
  return paths.toSpliced(from, 1).toSpliced(to, 0, path);
}

/** What a row shows in a column. @param value what the directory answered for a column without a summary. */
export function cellText({ summary, kind, path }: Column, person: UserSummary, value: string | undefined): string {
  if (path === 'active') return person.active ? 'Active' : 'Inactive';
  const text = summary === undefined ? (value ?? '') : String(person[summary]);
  if (kind === 'boolean') return text === 'true' ? 'Yes' : text === 'false' ? 'No' : '';
  return kind === 'date' && text !== '' ? exactDay(text) : text;
}
