import Libsql from 'libsql';

/**
 * better-sqlite3's interface on libsql, as far as Tandem uses it, for tests in an Electron that is too old for
 * better-sqlite3. What libsql lacks: plain pragmas, rows without its own metadata, transactions within others, and functions (`fold` becomes SQLite's
 * lower(), which knows ASCII only).
 */
class Database extends Libsql {
  constructor(path: string, options: { timeout?: number } = {}) {
    super(path, { timeout: 5000, ...options });
  }

  override function(): this {
    return this;
  }

  override pragma(source: string, options?: { simple?: boolean }): unknown {
    const rows = super.pragma(source) as Record<string, unknown>[];
    return options?.simple ? Object.values(rows[0] ?? {})[0] : rows;
  }

  /** A transaction within another is a savepoint of it, which libsql's are not. */
  override transaction(work: (...parameters: unknown[]) => unknown): never {
    const whole = super.transaction(work);
    const part = (...parameters: unknown[]) => {
      this.exec('SAVEPOINT part');
      try {
        const result = work(...parameters);
        this.exec('RELEASE part');
        return result;
      } catch (error) {
        this.exec('ROLLBACK TO part');
        this.exec('RELEASE part');
        throw error;
      }
    };
    const either = (begin: (...parameters: unknown[]) => unknown) => {
      return (...parameters: unknown[]) => (this.inTransaction ? part(...parameters) : begin(...parameters));
    };
    return Object.assign(either(whole), {
      deferred: either((...parameters) => whole.deferred(...parameters)),
      immediate: either((...parameters) => whole.immediate(...parameters)),
      exclusive: either((...parameters) => whole.exclusive(...parameters)),
    }) as never;
  }

  /** Returns `never`, which fits each of the overloads by parameter types that better-sqlite3's own types have. */
  override prepare(sql: string): never {
    const statement = super.prepare(sql.replaceAll('fold(', 'lower('));
    const get = statement.get.bind(statement);
    const withoutMetadata = (...parameters: Parameters<typeof get>) => {
      const row = get(...parameters);
      if (row instanceof Object) Reflect.deleteProperty(row, '_metadata');
      return row;
    };
    return Object.assign(statement, { get: withoutMetadata }) as never;
  }
}

export default Database;
