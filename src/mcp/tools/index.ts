/** Every tool, in the order in which clients see them. */
import { bulk } from './bulk.ts';
import { createGroup } from './create-group.ts';
import { createTenant } from './create-tenant.ts';
import { createUser } from './create-user.ts';
import { deleteGroup } from './delete-group.ts';
import { deleteTenant } from './delete-tenant.ts';
import { deleteUser } from './delete-user.ts';
import { getGroup } from './get-group.ts';
import { getSchemas } from './get-schemas.ts';
import { getUser } from './get-user.ts';
import { groupExists } from './group-exists.ts';
import { listGroups } from './list-groups.ts';
import { listTenants } from './list-tenants.ts';
import { listUsers } from './list-users.ts';
import { modifyGroupMembers } from './modify-group-members.ts';
import { patchGroup } from './patch-group.ts';
import { patchUser } from './patch-user.ts';
import { searchGroups } from './search-groups.ts';
import { searchUsers } from './search-users.ts';
import { serverInfo } from './server-info.ts';
import type { Tool } from './tool.ts';
import { updateGroup } from './update-group.ts';
import { updateTenant } from './update-tenant.ts';
import { updateUser } from './update-user.ts';
import { userExists } from './user-exists.ts';
import { validateSchemaExtension } from './validate-schema-extension.ts';

export const tools: readonly Tool[] = [
  createUser,
  getUser,
  updateUser,
  patchUser,
  deleteUser,
  listUsers,
  searchUsers,
  userExists,
  createGroup,
  getGroup,
  updateGroup,
  patchGroup,
  modifyGroupMembers,
  deleteGroup,
  listGroups,
  searchGroups,
  groupExists,
  bulk,
  getSchemas,
  validateSchemaExtension,
  serverInfo,
  listTenants,
  createTenant,
  updateTenant,
  deleteTenant,
];
