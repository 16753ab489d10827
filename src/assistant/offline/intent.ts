/** A field to set, by SCIM path; without a value it is removed. A `manager` is named as a person and looked up first. */
export interface FieldSetting {
  path: string;
  value: string | boolean | undefined;
}

/** Whom a sentence is about: an id, or a name, user name or email address to look up. */
export type Who = { id: string } | { name: string };

/** One condition of several that people are to meet. */
export type Term =
  | { kind: 'filter'; filter: string }
  /** A department, or the city of an office; which of the two is not said. */
  | { kind: 'place'; place: string }
  | { kind: 'reports'; to: Who }
  | { kind: 'member'; of: string };

/** Several people at once: those who meet all terms, or those who are named. */
export type People =
  | /** `as` says it in words after "4 people are": `in Sales`. */ { terms: readonly Term[]; as: string }
  | { named: readonly Who[] };

/** What several people get at once. */
export type Change =
  | { kind: 'set'; set: readonly FieldSetting[]; manager?: string }
  | { kind: 'delete' }
  | { kind: 'join' | 'leave'; group: GroupName };

/** How a group is called, or its id. */
export type GroupName = { id: string } | { group: string };

/** What a person asked for. */
export type Intent =
  | { kind: 'help' }
  | { kind: 'nothing' }
  | { kind: 'unclear'; hint?: string }
  | { kind: 'find'; people: People; answer: 'list' | 'count' }
  | { kind: 'show'; who: Who }
  | { kind: 'value'; who: Who; path: string }
  | { kind: 'create'; fields: FieldSetting[]; name: string }
  | { kind: 'update'; who: Who; set: FieldSetting[]; manager?: string; rename?: string; version?: string }
  | { kind: 'delete'; who: Who; version?: string }
  /** `list` marks the people whom the person was shown when asked. */
  | { kind: 'everyone'; people: People; change: Change; list?: string }
  | { kind: 'groups'; who?: Who }
  | { kind: 'members'; group: GroupName; answer: 'list' | 'count' }
  | { kind: 'create-group'; group: string; members: readonly Who[] }
  | { kind: 'rename-group'; group: GroupName; name: string; version?: string }
  | { kind: 'delete-group'; group: GroupName; version?: string }
  | { kind: 'copy-members'; from: GroupName; to: GroupName }
  | { kind: 'same-groups'; from: Who; to: Who }
  | { kind: 'move-member'; who: Who; from: GroupName; to: GroupName }
  | { kind: 'history'; who: Who; field?: string; since?: string; only?: 'last' }
  | { kind: 'undo'; who: Who; of: 'anyone' | 'agent' | 'person'; field?: string }
  | { kind: 'revert'; who: Who; to: string; fields: readonly string[]; version: string }
  | { kind: 'restore'; who: Who }
  | { kind: 'inbox' }
  | { kind: 'proposals' }
  | { kind: 'answer'; answer: 'accept' | 'decline'; about?: string }
  | { kind: 'withdraw'; about?: string }
  | { kind: 'approve' }
  | { kind: 'conflicts' }
  /** One of the demonstration's tools, which ask for what they need. */
  | {
      kind: 'demo';
      tool:
        | 'create_ticket'
        | 'create_ticket_v2'
        | 'book_appointment_v2'
        | 'login'
        | 'simple_tool'
        | 'list_tickets'
        | 'list_appointments';
      args: Record<string, unknown>;
    }
  | { kind: 'steps'; steps: readonly { text: string; intent: Intent }[] };

/** The user that is open in the window. */
export interface Focus {
  id: string;
  name: string;
}

/** What "her", "this user", "it" and the like mean. */
export interface Context {
  who?: Who | undefined;
  group?: GroupName | undefined;
}

/** Understands sentences of one kind. @returns undefined for all others. */
export type Rule = (sentence: string, context: Context) => Intent | undefined;
