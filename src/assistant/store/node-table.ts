import type Database from 'better-sqlite3';
import type { ContextNode } from '../context.ts';
import { toObject, toTime } from './rows.ts';

interface NodeRow {
  context_id: string;
  id: string;
  change: number;
  content: string;
  content_type: string;
  metadata: string;
  created: number;
}

/** A node, and the number of its last change as a whole: a later change, of whatever node, has a higher one. */
export interface NumberedNode {
  node: ContextNode;
  change: number;
}

/** The statements about nodes. Those that write are called within a transaction. */
export class NodeTable {
  readonly #sql: ReturnType<typeof prepare>;
  #change: number;

  constructor(db: Database.Database) {
    this.#sql = prepare(db);
    this.#change = (this.#sql.change.get() as { value: number }).value;
  }

  /** The number of a change that is about to be made. */
  nextChange(): number {
    return ++this.#change;
  }

  get(contextId: string, id: string): NumberedNode | undefined {
    const row = this.#sql.get.get(contextId, id) as NodeRow | undefined;
    return row && toNode(row);
  }

  /** All of a context in their order. */
  list(contextId: string): NumberedNode[] {
    return (this.#sql.list.all(contextId) as NodeRow[]).map(toNode);
  }

  /** Those that a task has made, in the order of their changes. @param after only what has changed since. */
  ofTask(task: string, after = 0): NumberedNode[] {
    return (this.#sql.ofTask.all(task, after) as NodeRow[]).map(toNode);
  }

  /** Adds a node at the end, or gives the one with its id other contents. @param change from `nextChange`. */
  put({ contextId, id, content, contentType, metadata, created }: ContextNode, change: number): void {
    this.#sql.setChange.run(change);
    const old = this.#size(contextId, id);
    const task = metadata.task ?? null;
    const row = { contextId, id, task, change, content, contentType, metadata: JSON.stringify(metadata) };
    if (old !== undefined) this.#sql.replace.run(row);
    else this.#sql.add.run({ ...row, created: Date.parse(created) });
    this.#sql.count.run({ contextId, nodes: old === undefined ? 1 : 0, size: content.length - (old ?? 0) });
  }

  #size(contextId: string, id: string): number | undefined {
    return (this.#sql.content.get(contextId, id) as { content: string } | undefined)?.content.length;
  }

  /** Changes what a node holds without numbering that: nobody is told. */
  setQuietly({ contextId, id, content }: Pick<ContextNode, 'contextId' | 'id' | 'content'>): void {
    const old = this.#size(contextId, id) ?? 0;
    this.#sql.setContent.run(content, contextId, id);
    this.#sql.count.run({ contextId, nodes: 0, size: content.length - old });
  }

  /** Adds to the end of a node's text. */
  append(contextId: string, id: string, text: string): void {
    if (this.#sql.append.run(text, contextId, id).changes > 0) this.#sql.count.run({ contextId, nodes: 0, size: text.length });
  }

  remove(contextId: string, id: string): boolean {
    const old = this.#size(contextId, id);
    if (old === undefined) return false;
    this.#sql.remove.run(contextId, id);
    this.#sql.count.run({ contextId, nodes: -1, size: -old });
    return true;
  }

  removeAll(contextId: string): void {
    this.#sql.removeAll.run(contextId);
  }
}

function prepare(db: Database.Database) {
  const columns = 'context_id, id, change, content, content_type, metadata, created';
  return {
    get: db.prepare(`select ${columns} from nodes where context_id = ? and id = ?`),
    list: db.prepare(`select ${columns} from nodes where context_id = ? order by seq`),
    ofTask: db.prepare(`select ${columns} from nodes where task = ? and change > ? order by change`),
    content: db.prepare('select content from nodes where context_id = ? and id = ?'),
    change: db.prepare('select value from change_counter'),
    setChange: db.prepare('update change_counter set value = max(value, ?)'),
    add: db.prepare(`
      insert into nodes (context_id, id, task, change, content, content_type, metadata, created)
      values (@contextId, @id, @task, @change, @content, @contentType, @metadata, @created)`),
    replace: db.prepare(`
      update nodes set change = @change, content = @content, content_type = @contentType, metadata = @metadata, task = @task
      where context_id = @contextId and id = @id`),
    setContent: db.prepare('update nodes set content = ? where context_id = ? and id = ?'),
    append: db.prepare('update nodes set content = content || ? where context_id = ? and id = ?'),
    remove: db.prepare('delete from nodes where context_id = ? and id = ?'),
    removeAll: db.prepare('delete from nodes where context_id = ?'),
    count: db.prepare('update contexts set node_count = node_count + @nodes, size = size + @size where id = @contextId'),
  };
}

function toNode(row: NodeRow): NumberedNode {
  return {
    node: {
      id: row.id,
      contextId: row.context_id,
      content: row.content,
      contentType: row.content_type,
      metadata: toObject(row.metadata),
      created: toTime(row.created),
    },
    change: row.change,
  };
}
