/** What a task's agent and its administrator do, each as a change that can be made and foreseen. */
import { anything, type Leaves, type State } from './state.ts';
import type { Edit } from './task.ts';
import type { World } from './world.ts';

function leavesOf(state: State, world: World, name: string): Leaves {
  const leaves = state.resources.get(world.id(name));
  if (!leaves) throw new Error(`${name} is not expected to be there any more`);
  return leaves;
}

/** Sets values of a person, by their places in the flat map (state.ts); undefined removes. */
export function set(name: string, leaves: Leaves): Edit {
  return {
    make: (world) => world.set(name, leaves),
    expect: (state, world) => void Object.assign(leavesOf(state, world, name), leaves),
  };
}

/** The same for several people. */
export function setAll(names: readonly string[], leaves: Leaves): Edit[] {
  return names.map((name) => set(name, leaves));
}

/** Leaves open what a value is, where there are several right ones. */
export function open(name: string, ...paths: string[]): Edit {
  return set(name, Object.fromEntries(paths.map((path) => [path, anything])));
}

export function reportTo(name: string, manager: string): Edit {
  return {
    make: (world) => world.set(name, { 'manager.value': world.id(manager) }),
    expect: (state, world) => void (leavesOf(state, world, name)['manager.value'] = world.id(manager)),
  };
}

/** Deletes a person, who leaves all groups, or a group (`group NAME`). */
export function remove(name: string): Edit {
  const type = name.startsWith('group ') ? 'Group' : 'User';
  return {
    make: (world) => world.directory.delete(world.person, type, world.id(name)),
    expect(state, world) {
      const id = world.id(name);
      state.resources.delete(id);
      for (const leaves of state.resources.values()) delete leaves[`member:${id}`];
    },
  };
}

export function join(group: string, ...names: string[]): Edit {
  return members(group, names, 'add');
}

export function leave(group: string, ...names: string[]): Edit {
  return members(group, names, 'remove');
}

function members(group: string, names: readonly string[], how: 'add' | 'remove'): Edit {
  return {
    async make(world) {
      const change = { add: [], remove: [], [how]: names.map((name) => world.id(name)) };
      await world.directory.modifyMembers(world.person, world.id(`group ${group}`), change);
    },
    expect(state, world) {
      const leaves = leavesOf(state, world, `group ${group}`);
      for (const name of names) leaves[`member:${world.id(name)}`] = how === 'add' ? true : undefined;
    },
  };
}

export function renameGroup(group: string, displayName: string): Edit {
  return {
    async make(world) {
      await world.directory.mergePatch(world.person, 'Group', world.id(`group ${group}`), { displayName });
    },
    expect: (state, world) => void (leavesOf(state, world, `group ${group}`)['displayName'] = displayName),
  };
}

/** Adds a person with these values; what else a new record has is open. */
export function addPerson(leaves: Leaves & { userName: string; displayName?: string }): Edit {
  return {
    async make(world) {
      await world.addPerson(leaves.displayName ?? leaves.userName, { ...leaves });
    },
    expect: (state) => void state.created.push(leaves),
  };
}

export function addGroup(displayName: string, ...names: string[]): Edit {
  return {
    async make(world) {
      await world.addGroup(
        displayName,
        names.map((name) => world.id(name)),
      );
    },
    expect(state, world) {
      const inside = Object.fromEntries(names.map((name) => [`member:${world.id(name)}`, true]));
      state.created.push({ displayName, ...inside });
    },
  };
}
