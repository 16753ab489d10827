/** Every tool, in the order in which clients see them. */
import { createUser } from './create-user.ts';
import { deleteUser } from './delete-user.ts';
import { getSchemas } from './get-schemas.ts';
import { getUser } from './get-user.ts';
import { listUsers } from './list-users.ts';
import { searchUsers } from './search-users.ts';
import { serverInfo } from './server-info.ts';
import type { Tool } from './tool.ts';
import { updateUser } from './update-user.ts';
import { userExists } from './user-exists.ts';

export const tools: readonly Tool[] = [
  createUser,
  getUser,
  updateUser,
  deleteUser,
  listUsers,
  searchUsers,
  userExists,
  getSchemas,
  serverInfo,
];
