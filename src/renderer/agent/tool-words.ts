import type { ToolCall } from '../../api/index.ts';
import { nameOf, type Resource } from '../../directory/pure.ts';
import type { Opened } from '../navigation.ts';

/** What a tool answered, as far as it is told to people. */
interface Answer {
  content: Record<string, unknown>;
  metadata: Record<string, unknown>;
  arguments: Record<string, unknown>;
}

interface ToolWords {
  /** What it does, as a card's heading. */
  title: string;
  /** What came of it, in one sentence. */
  done: (answer: Answer) => string;
  /** What it is about, where that can be opened afterwards. */
  about?: Opened['kind'];
}

const count = (number: unknown, one: string, many: string): string =>
  `${Number(number).toLocaleString('en')} ${Number(number) === 1 ? one : many}`;
const people = (number: unknown) => count(number, 'person', 'people');
const groups = (number: unknown) => count(number, 'group', 'groups');
const name = ({ content }: Answer) => nameOf(content as Resource);
const changed = (answer: Answer) =>
  answer.metadata['changed'] === false ? 'Nothing was different.' : `Changed ${name(answer)}.`;
const tenantName = ({ content }: Answer) => String(content['name']);
/** What a tool says that asks with a form before it does anything. */
const asks = (content: Record<string, unknown>) => (content['type'] === 'elicitation' ? String(content['message']) : undefined);
const ticketWords = (content: Record<string, unknown>) => asks(content) ?? `Created ticket ${String(content['ticket_id'])}.`;
const sizeOf = (list: unknown) => (Array.isArray(list) ? list.length : 0);

/** Every tool of the MCP server, in words for people. */
export const toolWords: Readonly<Record<string, ToolWords>> = {
  scim_create_user: { title: 'Add a person', done: (answer) => `Added ${name(answer)}.`, about: 'person' },
  scim_get_user: { title: 'Read a person', done: (answer) => `Read ${name(answer)}.`, about: 'person' },
  scim_update_user: { title: 'Change a person', done: changed, about: 'person' },
  scim_patch_user: { title: 'Change fields of a person', done: changed, about: 'person' },
  scim_delete_user: { title: 'Delete a person', done: () => 'Deleted.' },
  scim_list_users: {
    title: 'List people',
    done: ({ metadata }) => `${people(metadata['total_results'])} in all.`,
  },
  scim_search_users: {
    title: 'Search people',
    done: ({ content }) => `Found ${people(content['totalResults'])}.`,
  },
  scim_user_exists: {
    title: 'Check whether a person exists',
    done: ({ content }) => (content['exists'] === true ? 'They exist.' : 'There is no such person.'),
    about: 'person',
  },
  scim_create_group: { title: 'Add a group', done: (answer) => `Added ${name(answer)}.`, about: 'group' },
  scim_get_group: { title: 'Read a group', done: (answer) => `Read ${name(answer)}.`, about: 'group' },
  scim_update_group: { title: 'Change a group', done: changed, about: 'group' },
  scim_patch_group: { title: 'Change fields or members of a group', done: changed, about: 'group' },
  scim_modify_group_members: {
    title: 'Add or remove members of a group',
    done: ({ content }) =>
      `Added ${Number(content['added'])} and removed ${Number(content['removed'])}; it has ${count(content['member_count'], 'member', 'members')} now.`,
    about: 'group',
  },
  scim_delete_group: { title: 'Delete a group', done: () => 'Deleted.' },
  scim_list_groups: {
    title: 'List groups',
    done: ({ metadata }) => `${groups(metadata['total_results'])} in all.`,
  },
  scim_search_groups: {
    title: 'Search groups',
    done: ({ content }) => `Found ${groups(content['totalResults'])}.`,
  },
  scim_group_exists: {
    title: 'Check whether a group exists',
    done: ({ content }) => (content['exists'] === true ? 'It exists.' : 'There is no such group.'),
    about: 'group',
  },
  scim_bulk: {
    title: 'Make many changes',
    done: ({ metadata }) => {
      const { succeeded, failed, not_done: left } = metadata;
      const parts = [
        `${count(succeeded, 'change', 'changes')} done`,
        Number(failed) > 0 && `${Number(failed)} refused`,
        Number(left) > 0 && `${Number(left)} not begun`,
      ];
      return `${parts.filter(Boolean).join(', ')}.`;
    },
  },
  scim_resolve_conflict: {
    title: 'Settle a conflict',
    done: ({ content, metadata }) => {
      if (content['status'] === 'abandoned') return 'Left as the others have it.';
      if (content['status'] === 'deleted') return 'Deleted.';
      const left = sizeOf(metadata['left_as_others_have_it']);
      return left > 0
        ? `Done, but for ${count(left, 'field', 'fields')} that others changed.`
        : 'Done, together with the changes of others.';
    },
  },
  scim_begin_edit: {
    title: 'Say that it is about to edit',
    done: ({ content }) =>
      content['advisory'] === undefined ? 'Nobody else is at it.' : String((content['advisory'] as { advice?: unknown }).advice),
  },
  scim_end_edit: { title: 'Say that it is done editing', done: () => 'Told.' },
  scim_conflict_report: {
    title: 'Look at past conflicts',
    done: ({ content }) => `${count(content['conflicts'], 'conflict', 'conflicts')} in that time.`,
  },
  scim_get_history: { title: 'Read the history', done: ({ content }) => `Read ${count(sizeOf(content), 'change', 'changes')}.` },
  scim_compare_versions: {
    title: 'Compare two versions',
    done: ({ content }) => `They differ in ${count(sizeOf(content['changes']), 'field', 'fields')}.`,
  },
  scim_revert: { title: 'Go back to an earlier version', done: changed },
  scim_propose_change: { title: 'Propose a change to somebody', done: () => 'Asked.' },
  scim_list_escalations: {
    title: 'List questions that wait',
    done: ({ content }) => `Read ${count(sizeOf(content), 'question', 'questions')}.`,
  },
  scim_get_escalation: { title: 'Ask what became of a question', done: ({ content }) => `It is ${String(content['status'])}.` },
  scim_answer_escalation: { title: 'Answer another agent', done: () => 'Answered.' },
  scim_withdraw_escalation: { title: 'Take a question back', done: () => 'Taken back.' },
  scim_get_schemas: {
    title: 'Read which fields there are',
    done: ({ content }) => `Read ${count(sizeOf(content['schemas']), 'set of fields', 'sets of fields')}.`,
  },
  scim_validate_schema_extension: {
    title: 'Check extra fields before they are defined',
    done: ({ content, arguments: { resource_type: type } }) => {
      const affected = (content['affected'] as { count?: number } | undefined)?.count ?? 0;
      if (content['valid'] === true) return 'Nothing stands against them. You can import them under “Extra fields”.';
      const who = type === 'Group' ? groups(affected) : people(affected);
      return affected > 0 ? `They do not fit ${who}.` : 'They cannot be defined like this.';
    },
  },
  scim_server_info: { title: 'Ask what Tandem can do', done: () => 'Read.' },
  scim_list_tenants: {
    title: 'List tenants',
    done: ({ metadata }) => `${count(metadata['total_results'], 'tenant', 'tenants')} in all.`,
  },
  scim_create_tenant: { title: 'Add a tenant', done: (answer) => `Added ${tenantName(answer)}.` },
  scim_update_tenant: { title: 'Change a tenant', done: (answer) => `Changed ${tenantName(answer)}.` },
  scim_delete_tenant: { title: 'Delete a tenant', done: () => 'Deleted.' },
  scim_get_policy: { title: 'Read what agents may do', done: () => 'Read.' },
  scim_update_policy: { title: 'Change what agents may do', done: () => 'Changed.' },
  'user-auth_get_capabilities': { title: 'Ask what can be checked about access', done: () => 'Read.' },
  'user-auth_execute_primary_operation': { title: 'Check who may come in', done: ({ content }) => userAuthWords(content) },
  simple_tool: { title: 'Process a message', done: ({ content }) => String(content['text']) },
  create_ticket: { title: 'Create a ticket', done: ({ content }) => ticketWords(content) },
  create_ticket_v2: { title: 'Create a ticket, asking on the way', done: ({ content }) => ticketWords(content) },
  book_appointment_v2: {
    title: 'Book an appointment',
    done: ({ content }) =>
      asks(content) ??
      `Booked appointment ${String(content['appointment_id'])} for ${String(content['name'])} on ${String(content['date'])}.`,
  },
  login: {
    title: 'Ask who you are',
    done: ({ content }) => asks(content) ?? `${String(content['name'])} signed in.`,
  },
  list_tickets: {
    title: 'List tickets',
    done: ({ metadata }) => `${count(metadata['total_results'], 'ticket', 'tickets')} in all.`,
  },
  list_appointments: {
    title: 'List appointments',
    done: ({ metadata }) => `${count(metadata['total_results'], 'appointment', 'appointments')} in all.`,
  },
};

/** What a card says of a call. */
export interface CallText {
  title: string;
  sentence: string | undefined;
  /** What can be opened, and its name. */
  record?: Opened & { name: string };
}

/** @returns a call in words; a tool that is not known here by its name. */
export function wordsOf({ tool, state, summary, result, arguments: args }: ToolCall): CallText {
  const words = toolWords[tool];
  const answer = state === 'succeeded' ? answerOf(result, args) : undefined;
  if (!words || !answer) return { title: words?.title ?? tool, sentence: summary };
  const record = words.about && recordOf(words.about, answer);
  return { title: words.title, sentence: summary ?? words.done(answer), ...(record && { record }) };
}

function answerOf(result: unknown, args: Record<string, unknown>): Answer | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  const { content, metadata } = result as Partial<Answer>;
  return content && { content, metadata: metadata ?? {}, arguments: args };
}

function recordOf(kind: Opened['kind'], { content, arguments: args }: Answer): CallText['record'] {
  const id = content['id'] ?? args[kind === 'person' ? 'user_id' : 'group_id'];
  if (typeof id !== 'string' || content['exists'] === false) return undefined;
  const isWhole = content['schemas'] !== undefined;
  return { kind, id, name: isWhole ? nameOf(content as Resource) : kind === 'person' ? 'Open the person' : 'Open the group' };
}

function userAuthWords(content: Record<string, unknown>): string {
  switch (content['operation']) {
    case 'authenticate':
      return 'The password is right.';
    case 'check_permission':
      return String(content['reason']);
    case 'start_sign_in':
      return 'A sign-in waits for the person.';
    case 'finish_sign_in':
      return 'Somebody has signed in.';
    case 'list_sessions':
      return `Read ${count(content['total'], 'access', 'accesses')}.`;
    case 'revoke_session':
      return 'Its access has ended.';
    default:
      return content['active'] === true ? 'The token is good.' : 'The token opens nothing here.';
  }
}
