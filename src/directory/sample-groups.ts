import type { SamplePerson } from './sample.ts';
import { enterpriseUserUrn } from './schema.ts';

/** One generated group. Who is in it stands before it in the lists. */
export interface SampleGroup {
  displayName: string;
  /** Indices of people in the generated list. */
  people: number[];
  /** The names of groups inside. */
  groups: string[];
}

/** Departments that customers talk to. */
const customerFacing = ['Sales', 'Marketing', 'Customer Support'];
/** Titles of those who answer at night. */
const onCall = ['Site Reliability Engineer', 'Senior Support Specialist'];

/**
 * The groups of a generated company, the same for the same people: one for each department and each office, groups of these
 * groups, and a few that cut across.
 */
export function sampleGroups(people: readonly SamplePerson[]): SampleGroup[] {
  const departments = groupedBy(people, ({ record }) => (record[enterpriseUserUrn] as { department: string }).department);
  const offices = groupedBy(people, ({ record }) => `${localityOf(record)} office`);
  const managing = new Set(people.flatMap(({ manager }) => manager ?? []));
  const choose = (displayName: string, isIn: (person: SamplePerson, index: number) => boolean): SampleGroup => ({
    displayName,
    people: people.flatMap((person, index) => (isIn(person, index) ? [index] : [])),
    groups: [],
  });
  return [
    ...departments,
    ...offices,
    choose('Managers', (_person, index) => managing.has(index)),
    choose('On call', ({ record }) => record['active'] === true && onCall.includes(String(record['title']))),
    choose('Contractors', ({ record }) => record['userType'] === 'Contractor'),
    { displayName: 'Customer teams', people: [], groups: namesOf(departments).filter((name) => customerFacing.includes(name)) },
    { displayName: 'Everyone', people: [], groups: namesOf(departments) },
    { displayName: 'Incident response', people: [], groups: ['Managers', 'On call'] },
  ];
}

/** One group for each of the names that people are sorted under, by name. */
function groupedBy(people: readonly SamplePerson[], nameOf: (person: SamplePerson) => string): SampleGroup[] {
  const groups = Map.groupBy(people.keys(), (index) => nameOf(people[index] as SamplePerson));
  return [...groups]
    .map(([displayName, members]) => ({ displayName, people: members, groups: [] }))
    .toSorted((a, b) => (a.displayName < b.displayName ? -1 : 1));
}

function namesOf(groups: readonly SampleGroup[]): string[] {
  return groups.map(({ displayName }) => displayName);
}

function localityOf({ addresses }: Record<string, unknown>): string {
  const [address] = addresses as { locality: string }[];
  return address?.locality ?? '';
}
