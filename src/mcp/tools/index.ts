/** Every tool, in the order in which clients see them. */
import { answerEscalation } from './answer-escalation.ts';
import { beginEdit } from './begin-edit.ts';
import { bulk } from './bulk.ts';
import { compareVersions } from './compare-versions.ts';
import { conflictReport } from './conflict-report.ts';
import { createGroup } from './create-group.ts';
import { createTenant } from './create-tenant.ts';
import { createUser } from './create-user.ts';
import { deleteGroup } from './delete-group.ts';
import { deleteTenant } from './delete-tenant.ts';
import { deleteUser } from './delete-user.ts';
import { demoTools } from './demo/index.ts';
import { executePrimaryOperationWith } from './user-auth/execute-primary-operation.ts';
import { getCapabilities } from './user-auth/get-capabilities.ts';
import { endEdit } from './end-edit.ts';
import { getEscalation } from './get-escalation.ts';
import { getGroup } from './get-group.ts';
import { getHistory } from './get-history.ts';
import { getPolicy } from './get-policy.ts';
import { getSchemas } from './get-schemas.ts';
import { getUser } from './get-user.ts';
import { groupExists } from './group-exists.ts';
import { listEscalations } from './list-escalations.ts';
import { listGroups } from './list-groups.ts';
import { listTenants } from './list-tenants.ts';
import { listUsers } from './list-users.ts';
import { modifyGroupMembers } from './modify-group-members.ts';
import { patchGroup } from './patch-group.ts';
import { patchUser } from './patch-user.ts';
import { proposeChange } from './propose-change.ts';
import { resolveConflict } from './resolve-conflict.ts';
import { revert } from './revert.ts';
import { searchGroups } from './search-groups.ts';
import { searchUsers } from './search-users.ts';
import { serverInfo } from './server-info.ts';
import type { Tool } from './tool.ts';
import { updateGroup } from './update-group.ts';
import { updatePolicy } from './update-policy.ts';
import { updateTenant } from './update-tenant.ts';
import { updateUser } from './update-user.ts';
import { userExists } from './user-exists.ts';
import { validateSchemaExtension } from './validate-schema-extension.ts';
import { withdrawEscalation } from './withdraw-escalation.ts';

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
  resolveConflict,
  proposeChange,
  getEscalation,
  listEscalations,
  answerEscalation,
  withdrawEscalation,
  beginEdit,
  endEdit,
  conflictReport,
  getHistory,
  compareVersions,
  revert,
  getSchemas,
  validateSchemaExtension,
  serverInfo,
  listTenants,
  createTenant,
  updateTenant,
  deleteTenant,
  getPolicy,
  updatePolicy,
  getCapabilities,
  executePrimaryOperationWith((name) => tools.find((tool) => tool.name === name)?.scope),
  ...demoTools,
];
