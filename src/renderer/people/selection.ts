/** How many people can be selected at once. */
export const selectionMax = 1000;

/** Who is selected, and the row from which a range is drawn. */
export interface Selection {
  ids: ReadonlySet<string>;
  anchor: number;
}

export const nobody: Selection = { ids: new Set(), anchor: 0 };

/** Selects somebody, or takes them out again; ranges then begin there. */
export function toggled({ ids }: Selection, id: string, row: number): Selection {
  if (ids.has(id)) return { ids: new Set([...ids].filter((other) => other !== id)), anchor: row };
  return { ids: bounded([...ids, id]), anchor: row };
}

/** Adds people to those who are selected, up to the bound. */
export function withAll(selection: Selection, more: readonly string[]): Selection {
  return { ...selection, ids: bounded([...selection.ids, ...more]) };
}

/** @returns the rows from the anchor to another one, first and last. */
export function rangeTo({ anchor }: Selection, row: number): { from: number; to: number } {
  return { from: Math.min(anchor, row), to: Math.max(anchor, row) };
}

function bounded(ids: readonly string[]): ReadonlySet<string> {
  return new Set([...new Set(ids)].slice(0, selectionMax));
}
