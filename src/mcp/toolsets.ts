/** Parts of the tools that can be on or off together. */
export const toolsets = ['scim', 'collaboration', 'demo'] as const;
export type Toolset = (typeof toolsets)[number];

/** What is on at `/mcp`, unless the settings say more. */
export const usualToolsets: readonly Toolset[] = ['scim', 'collaboration'];

/** Which tools an address has. */
export interface Selection {
  /** The same for the same selection. */
  key: string;
  toolsets: ReadonlySet<Toolset>;
  /** Only tools that change nothing, whatever is on. */
  readOnly: boolean;
}

/**
 * What an address selects: `/mcp` what is usually on, `/mcp/x/NAME` that toolset alone, `/mcp/x/all` every one; with
 * `/readonly` after it, only what changes nothing.
 * @returns undefined if there is no toolset of that name.
 */
export function selectionOf(
  { toolset, readOnly }: { toolset: string | undefined; readOnly: boolean },
  usual: readonly Toolset[],
): Selection | undefined {
  const chosen = toolset === undefined ? usual : toolset === 'all' ? toolsets : toolsets.filter((each) => each === toolset);
  if (chosen.length === 0) return undefined;
  return { key: `${chosen.join(',')}${readOnly ? ' readonly' : ''}`, toolsets: new Set(chosen), readOnly };
}

/** Whether a tool is there in a selection. */
export function isSelected(
  { toolset, annotations }: { toolset: Toolset; annotations: { readOnlyHint?: boolean | undefined } },
  selection: Selection,
): boolean {
  return selection.toolsets.has(toolset) && (!selection.readOnly || annotations.readOnlyHint === true);
}

const reads =
  'Tandem keeps a directory of people and groups that administrators and AI agents edit at the same time. To find somebody, search or list with a filter, and ask with fields for no more than you need; metadata says what was left out and how to get it.';
const writes =
  'To change a few fields, patch (scim_patch_user, scim_patch_group, scim_modify_group_members). To replace a record, get it first and send the whole of it back with expected_version. On VERSION_MISMATCH read what changed before you try again.';
const collaborates =
  'Others work here too: scim_begin_edit says that you are about to edit and tells who else is; scim_propose_change asks people or another agent instead of writing; scim_get_history tells who changed what.';
const demonstrates =
  'The demo tools ask the person in the middle of a call. A result of the type "elicitation" is a form: let the person fill in its fields, and do not answer for them; then make the call that it names, with the values added to its arguments.';

/** What clients are told at the start: only of what is on. */
export function instructionsFor({ toolsets, readOnly }: Selection): string {
  return [
    toolsets.has('scim') && reads,
    toolsets.has('scim') && !readOnly && writes,
    toolsets.has('collaboration') && !readOnly && collaborates,
    toolsets.has('demo') && !readOnly && demonstrates,
    readOnly && 'Nothing can be changed at this address.',
  ]
    .filter((part) => part !== false)
    .join(' ');
}
