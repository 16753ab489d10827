/** Each entry brings the schema from the version of its index to the next (PRAGMA user_version). */
export const migrations = [
  // Times are milliseconds since the epoch. `principal` is empty for the person at the window.
  `
  create table contexts (
    id text primary key,
    tenant text not null,
    principal text not null,
    user_id text not null,
    title text not null,
    model_id text not null,
    metadata text not null,
    allowed_tools text not null default '[]',
    input_tokens integer not null default 0,
    output_tokens integer not null default 0,
    cost real,
    node_count integer not null default 0,
    size integer not null default 0,
    created integer not null,
    updated integer not null,
    expires integer not null
  ) strict;
  create index contexts_owner on contexts (tenant, principal, user_id, updated);
  create index contexts_expires on contexts (expires);
  create table nodes (
    seq integer primary key autoincrement,
    context_id text not null,
    id text not null,
    task text,
    change integer not null,
    content text not null,
    content_type text not null,
    metadata text not null,
    created integer not null
  ) strict;
  create unique index nodes_id on nodes (context_id, id);
  create index nodes_order on nodes (context_id, seq);
  create index nodes_task on nodes (task, change) where task is not null;
  create table tasks (
    seq integer primary key autoincrement,
    id text not null unique,
    type text not null,
    tenant text not null,
    principal text not null,
    user_id text not null,
    context_id text,
    priority text not null,
    lane text not null,
    status text not null,
    turn integer not null,
    due integer not null,
    worker text,
    cancelling integer not null default 0,
    attempts integer not null default 0,
    failures integer not null default 0,
    input text not null,
    output text,
    error text,
    access text not null,
    idempotency_key text,
    fingerprint text,
    created integer not null,
    started integer,
    ended integer
  ) strict;
  create index tasks_queue on tasks (lane, turn, seq) where status = 'scheduled';
  create index tasks_open on tasks (context_id, seq) where status in ('scheduled', 'running');
  create index tasks_waiting on tasks (tenant, principal) where status in ('scheduled', 'running');
  create index tasks_running on tasks (worker) where status = 'running';
  create index tasks_context on tasks (context_id, seq);
  create index tasks_owner on tasks (tenant, principal, seq);
  create index tasks_ended on tasks (ended) where ended is not null;
  create unique index tasks_key on tasks (tenant, principal, idempotency_key) where idempotency_key is not null;
  create table change_counter (value integer not null) strict;
  insert into change_counter values (0);
  `,
];
