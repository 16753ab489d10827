import type Database from 'better-sqlite3';

const statementsMax = 200;

/** Compiled statements by their text, the last used ones: compiling a query costs more than most queries. */
export class StatementCache {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  prepare(text: string): Database.Statement {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    // The last used at the end, so that the oldest goes.
    this.#statements.delete(text);
    this.#statements.set(text, statement);
    if (this.#statements.size > statementsMax) this.#statements.delete(this.#statements.keys().next().value ?? '');
    return statement;
  }
}
