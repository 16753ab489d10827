import { limits } from './limits.ts';
import type { ResourceType, Revision } from './resource.ts';

/**
 * What resources were called when they were last asked for, until they change: many people have the same manager, and a lookup
 * in the database costs as much as a good part of reading a person.
 */
export class ResourceNames {
  readonly #names = new Map<string, string | undefined>();

  /**
   * The names of the resources of a type, by their ids. Ids that none has are left out.
   * @param read reads those that are not known yet.
   */
  find(
    tenant: string,
    type: ResourceType,
    ids: Iterable<string>,
    read: (ids: readonly string[]) => readonly { id: string; name: string }[],
  ): Map<string, string> {
    const found = new Map<string, string>();
    const unknown: string[] = [];
    for (const id of ids) {
      // Whatever was sent as the id of a manager may stand here.
      if (id.length > limits.idLengthMax) continue;
      const key = `${tenant} ${type} ${id}`;
      const name = this.#names.get(key);
      if (name !== undefined) found.set(id, name);
      else if (!this.#names.has(key)) unknown.push(id);
    }
    if (unknown.length === 0) return found;
    if (this.#names.size + unknown.length > limits.namesKeptMax) this.#names.clear();
    for (const id of unknown) this.#names.set(`${tenant} ${type} ${id}`, undefined);
    for (const { id, name } of read(unknown)) {
      this.#names.set(`${tenant} ${type} ${id}`, name);
      found.set(id, name);
    }
    return found;
  }

  /** Forgets whom a revision has changed. To be told of each before anybody asks again. */
  forget({ tenant, type, id }: Revision): void {
    if (type !== 'Group') this.#names.delete(`${tenant} ${type} ${id}`);
  }

  clear(): void {
    this.#names.clear();
  }
}
