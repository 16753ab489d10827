import type { Directory } from './directory.ts';
import type { Actor } from './resource.ts';
import { sampleGroups, type SampleGroup } from './sample-groups.ts';
import { enterpriseUserUrn, groupUrn, userUrn } from './schema.ts';

/** The sample company's tenants: the company, and a subsidiary that shares nothing with it. */
export const sampleTenants = [
  { id: 'northwind', name: 'Northwind Trading', domain: 'northwind.example', people: 150 },
  { id: 'fabrikam', name: 'Fabrikam Labs', domain: 'fabrikam.example', people: 50 },
] as const;

const givenNames =
  'Ada Alan Amara Anders Anika Arjun Astrid Beatriz Bram Camila Carlos Chen Chiara Daan Dalia Daniel Elena Elif Emeka Emma Erik Esther Farid Fatima Felix Freya Gabriel Grace Hana Hassan Helena Hiro Ida Imani Ingrid Isaac Jakob Jana Joao Jonas Julia Kaito Karim Katya Kenji Lars Layla Lea Leo Lina Lucas Lucia Maja Malik Marco Maria Mateo Maya Mei Mila Milan Nadia Naomi Nikhil Nina Noah Nora Olga Omar Oscar Pablo Paula Priya Quinn Rafael Rania Ravi Rosa Ruth Samir Sara Sofia Stefan Sven Tara Theo Tomas Uma Vera Victor Wei Yara Yuki Zara Zoe'.split(
    ' ',
  );
const familyNames =
  'Abara Acheampong Adler Ahmed Almeida Andersson Bakker Banerjee Becker Bergstrom Blanc Bose Brandt Caruso Castillo Chang Cohen Costa Dahl Delgado Demir Diallo Dubois Eriksen Fernandez Fischer Fontaine Fujita Garcia Gupta Haddad Hansen Hoffmann Horvath Ibrahim Iyer Jansen Jensen Kaminski Kato Keller Khan Kim Kowalski Kruger Larsen Lindqvist Lopez Marino Martins Mbeki Meier Mendes Moreau Nakamura Navarro Nguyen Novak Okafor Oliveira Olsen Park Patel Pereira Petrov Popescu Quist Rahman Ramos Reyes Rossi Roy Sato Schmidt Sharma Silva Singh Sokolov Suzuki Svensson Tanaka Torres Vance Vargas Virtanen Vogel Wagner Wang Weber Yamada Yilmaz Zhang Ziegler'.split(
    ' ',
  );
const departments: Record<string, string[]> = {
  Engineering: ['Software Engineer', 'Senior Software Engineer', 'Site Reliability Engineer', 'QA Engineer'],
  Product: ['Product Manager', 'Product Designer', 'User Researcher'],
  Sales: ['Account Executive', 'Sales Engineer', 'Sales Development Representative'],
  Marketing: ['Content Strategist', 'Campaign Manager', 'Brand Designer'],
  Finance: ['Accountant', 'Financial Analyst', 'Payroll Specialist'],
  'People Operations': ['Recruiter', 'HR Business Partner', 'Learning Specialist'],
  'Customer Support': ['Support Specialist', 'Senior Support Specialist', 'Customer Success Manager'],
  Operations: ['Operations Analyst', 'Office Manager', 'Procurement Specialist'],
};
const offices = [
  { locality: 'Lisbon', country: 'PT', timezone: 'Europe/Lisbon', locale: 'pt-PT', prefix: '+351 21 555' },
  { locality: 'Toronto', country: 'CA', timezone: 'America/Toronto', locale: 'en-CA', prefix: '+1 416 555' },
  { locality: 'Singapore', country: 'SG', timezone: 'Asia/Singapore', locale: 'en-SG', prefix: '+65 6555' },
] as const;

/** A reproducible source of numbers in [0, 1): mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One generated person: the record, and the place in the list of the person they report to. */
export interface SamplePerson {
  record: Record<string, unknown>;
  /** Index of the manager in the generated list, always smaller than the person's own; absent for the head. */
  manager?: number;
}

/**
 * Generates people of one company, the same for the same arguments: one head, a head of each department, and staff.
 * @param count how many; user names stay unique at any size.
 * @param domain of their email addresses, without `@`.
 */
export function samplePeople(count: number, domain: string, seed = 1): SamplePerson[] {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const names = Object.keys(departments);
  const taken = new Map<string, number>();
  return Array.from({ length: count }, (_, index): SamplePerson => {
    const given = pick(givenNames);
    const family = pick(familyNames);
    const plain = `${given}.${family}`.toLowerCase();
    const uses = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, uses);
    const userName = `${plain}${uses > 1 ? uses : ''}@${domain}`;
    const department = index === 0 ? 'Operations' : (names[(index - 1) % names.length] as string);
    const isHead = index > 0 && index <= names.length;
    const title =
      index === 0 ? 'Chief Executive Officer' : isHead ? `Head of ${department}` : pick(departments[department] ?? []);
    const office = pick(offices);
    const number = String(Math.floor(random() * 10_000)).padStart(4, '0');
    const record = {
      schemas: [userUrn, enterpriseUserUrn],
      userName,
      name: { givenName: given, familyName: family, formatted: `${given} ${family}` },
      displayName: `${given} ${family}`,
      title,
      userType: random() < 0.1 ? 'Contractor' : 'Employee',
      preferredLanguage: office.locale,
      locale: office.locale,
      timezone: office.timezone,
      active: random() > 0.06,
      emails: [
        { value: userName, type: 'work', primary: true },
        ...(random() < 0.3 ? [{ value: `${plain}${uses > 1 ? uses : ''}@home.example`, type: 'home' }] : []),
      ],
      phoneNumbers: [{ value: `${office.prefix} ${number}`, type: 'work' }],
      addresses: [{ type: 'work', locality: office.locality, country: office.country, primary: true }],
      [enterpriseUserUrn]: {
        employeeNumber: String(10_000 + index),
        costCenter: `CC-${100 + names.indexOf(department) * 10}`,
        organization: domain,
        department,
      },
    };
    if (index === 0) return { record };
    return { record, manager: isHead ? 0 : 1 + ((index - 1) % names.length) };
  });
}

/** Fills the sample tenants with people and groups. What is there already stays, so that it can be finished after a crash. */
export async function addSampleCompany(directory: Directory): Promise<void> {
  for (const [index, tenant] of sampleTenants.entries()) {
    await directory.tenants.add({ id: tenant.id, name: tenant.name, sample: true });
    const actor: Actor = {
      id: 'tandem',
      name: 'Sample data',
      kind: 'system',
      door: 'cli',
      tenant: tenant.id,
      scopes: ['scim:write', 'scim:read'],
    };
    const ids = new Map<number, Promise<string>>();
    const people = samplePeople(tenant.people, tenant.domain, index + 1);
    for (const [place, person] of people.entries())
      ids.set(
        place,
        addPerson(directory, actor, person, (manager) => ids.get(manager)),
      );
    const added = await Promise.all(ids.values());
    const groups = new Map<string, string>();
    for (const group of sampleGroups(people)) {
      const members = [...group.people.map((place) => added[place]), ...group.groups.map((name) => groups.get(name))];
      groups.set(group.displayName, await addGroup(directory, actor, group, members));
    }
  }
}

/** @param ids of its members. @returns the group's id. */
async function addGroup(
  directory: Directory,
  actor: Actor,
  { displayName }: SampleGroup,
  ids: readonly (string | undefined)[],
): Promise<string> {
  const found = await directory.search(actor, 'Group', 'displayName', displayName, { count: 1 });
  if (found.rows[0]) return found.rows[0].resource.id;
  const members = ids.map((value) => ({ value }));
  const { resource } = await directory.create(actor, 'Group', { schemas: [groupUrn], displayName, members });
  return resource.id;
}

/** @returns the person's id, once they and their manager are stored. */
async function addPerson(
  directory: Directory,
  actor: Actor,
  { record, manager }: SamplePerson,
  idOf: (place: number) => Promise<string> | undefined,
): Promise<string> {
  const found = await directory.search(actor, 'User', 'userName', record['userName'], { count: 1 });
  if (found.rows[0]) return found.rows[0].resource.id;
  const enterprise = record[enterpriseUserUrn] as Record<string, unknown>;
  const managed = manager === undefined ? enterprise : { ...enterprise, manager: { value: await idOf(manager) } };
  const { resource } = await directory.create(actor, 'User', { ...record, [enterpriseUserUrn]: managed });
  return resource.id;
}
