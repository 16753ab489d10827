/** Writes users as fast as it can and reports each acknowledgement, until it is killed (see directory.test.ts). */
import { Directory } from './directory.ts';
import { userUrn } from './schema.ts';

const directory = await Directory.open(process.argv[2] ?? '');
const writer = {
  id: 'writer',
  name: 'Writer',
  kind: 'system',
  door: 'cli',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
} as const;

for (let batch = 0; ; batch++)
  await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const { resource } = await directory.create(writer, 'User', { schemas: [userUrn], userName: `${batch}.${index}` });
      process.send?.(resource.id);
    }),
  );
