import { toolsets, type Toolset } from '../directory/index.ts';

/** What is on at `/mcp`, unless somebody says otherwise. */
const usual: readonly Toolset[] = ['scim', 'collaboration'];

/** What the settings say of each toolset: on at `/mcp` too, or off everywhere; of the others nothing. */
export type ToolsetSettings = { [Name in Toolset]?: boolean | undefined };

/** What an address says: below `/mcp/x/` the name of a toolset or `all`, and perhaps `readonly` at its end. */
export interface Address {
  toolset: string | undefined;
  readOnly: boolean;
}

/** Which tools a caller has at an address. */
export interface Selection {
  /** The same for the same selection. */
  key: string;
  toolsets: ReadonlySet<Toolset>;
  /** Also those that are seldom needed. At `/mcp` they would be too many for clients that show a model all of them. */
  withRare: boolean;
  /** Only tools that change nothing, whatever is on. */
  readOnly: boolean;
}

/** What limits a caller, each absent or null where nothing was chosen. */
export interface ToolsetChoices {
  settings: ToolsetSettings;
  tenant?: readonly Toolset[] | null | undefined;
  client?: readonly Toolset[] | null | undefined;
}

/** Whether an address names what there is. */
export function isAddress({ toolset }: Address): boolean {
  return toolset === undefined || toolset === 'all' || toolsets.some((each) => each === toolset);
}

/**
 * What is on: what the address names, or at `/mcp` what was chosen for the client, its tenant or all, whichever is nearest; of
 * that, what settings, tenant and client all allow; with `/readonly`, only what changes nothing.
 */
export function selectionOf({ toolset, readOnly }: Address, { settings, tenant, client }: ToolsetChoices): Selection {
  const allowed = toolsets.filter((each) => isAllowedBy(each, { settings, tenant, client }));
  const usualHere = toolsets.filter((each) => settings[each] ?? usual.includes(each));
  const wanted: readonly string[] =
    toolset === undefined ? (client ?? tenant ?? usualHere) : toolset === 'all' ? toolsets : [toolset];
  const chosen = allowed.filter((each) => wanted.includes(each));
  const withRare = toolset !== undefined;
  const key = `${chosen.join(',')}${withRare ? ' rare' : ''}${readOnly ? ' readonly' : ''}`;
  return { key, toolsets: new Set(chosen), withRare, readOnly };
}

function isAllowedBy(toolset: Toolset, { settings, tenant, client }: ToolsetChoices): boolean {
  return settings[toolset] !== false && (tenant?.includes(toolset) ?? true) && (client?.includes(toolset) ?? true);
}

/** What a selection needs to know of a tool. */
interface Selectable {
  name: string;
  toolset: Toolset;
  isRare?: boolean | undefined;
  annotations: { readOnlyHint: boolean };
}

/** Whether a tool is there in a selection. */
export function isSelected({ toolset, isRare, annotations }: Selectable, selection: Selection): boolean {
  const { toolsets: on, withRare, readOnly } = selection;
  return on.has(toolset) && (withRare || isRare !== true) && (!readOnly || annotations.readOnlyHint);
}

/** Says of a tool that is not there in a selection where it is, for who calls it nevertheless. */
export function whereIs(tool: Selectable, choices: ToolsetChoices, { readOnly }: Address): string {
  const { name, toolset, annotations } = tool;
  if (!isAllowedBy(toolset, choices)) return `${name} is of the toolset ${toolset}, which is turned off for this access.`;
  if (readOnly && !annotations.readOnlyHint) return `${name} changes something, and at this address nothing can be changed.`;
  return `${name} is not at this address. It is at /mcp/x/${toolset}.`;
}

const reads =
  'Tandem keeps a directory of people and groups that administrators and AI agents edit at the same time. To find somebody, search or list with a filter, and ask with fields for no more than you need; metadata says what was left out and how to get it.';
const writes =
  'To change a few fields, patch (scim_patch_user, scim_patch_group, scim_modify_group_members). To replace a record, get it first and send the whole of it back with expected_version. On VERSION_MISMATCH read what changed before you try again.';
const collaborates =
  'Others work here too: scim_begin_edit says that you are about to edit and tells who else is; scim_propose_change asks people or another agent instead of writing; scim_get_history tells who changed what.';
const demonstrates =
  'The demo tools ask the person in the middle of a call. A result of the type "elicitation" is a form: let the person fill in its fields, and do not answer for them; then make the call that it names, with the values added to its arguments.';
const authenticates =
  'UserAuth answers who may come in: begin with user-auth_get_capabilities, which says what it can do for you, with the schema of each operation. Never show or repeat a password, a token or a sign-in code.';
const administers = 'The administration tools are about whole tenants and their policy, not about single people.';

/** What clients are told at the start: only of what is on. */
export function instructionsFor({ toolsets: on, readOnly }: Selection): string {
  return [
    on.has('scim') && reads,
    on.has('scim') && !readOnly && writes,
    on.has('collaboration') && !readOnly && collaborates,
    on.has('administration') && administers,
    on.has('user-auth') && authenticates,
    on.has('demo') && !readOnly && demonstrates,
    readOnly && 'Nothing can be changed at this address.',
  ]
    .filter((part) => part !== false)
    .join(' ');
}
