import { useQuery } from '@tanstack/react-query';
import { isComplex, nameOf, type Json } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { valueText } from '../words.ts';

/** A value as a person reads it in a comparison: a manager or owner by name, not by id. */
export function ValueText({ tenant, path, value }: { tenant: string; path: string; value: Json | undefined }) {
  const id = isComplex(value) ? value['value'] : value;
  if (/(?:[:.]manager|^owners(?:\[.*\])?)(?:\.value)?$/.test(path) && typeof id === 'string')
    return <PersonName tenant={tenant} id={id} />;
  return <bdi>{valueText(value)}</bdi>;
}

function PersonName({ tenant, id }: { tenant: string; id: string }) {
  const person = useQuery(trpc.people.get.queryOptions({ tenant, id }));
  if (person.data) return <bdi>{nameOf(person.data.resource)}</bdi>;
  return <bdi>{person.error ? 'somebody who is not here any more' : valueText(id)}</bdi>;
}
