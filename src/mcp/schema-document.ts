import { memberTypes, schemaVersionOf, type Actor, type Directory, type Schema } from '../directory/index.ts';

/** The schemas of users and groups of a tenant, its own extensions included. */
export function schemasOf(directory: Directory, actor: Actor): Schema[] {
  const schemas = memberTypes.map((type) => directory.schemas(actor, type));
  return schemas.flatMap(({ core, extensions }) => [core, ...extensions]);
}

/** A schema as clients see it: its definition, and the version of that. */
export function toDocument(schema: Schema, version = schemaVersionOf(schema)) {
  return { ...schema, version };
}
