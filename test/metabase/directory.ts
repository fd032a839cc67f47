import { fractionOf } from './random.ts';
import { type Person, perRevision, type World } from './world.ts';

export type ListFilter = {
  status: 'active' | 'deactivated' | 'all';
  tenancy: 'all' | 'internal' | 'external';
  tenantId?: number;
  groupId?: number;
  isDataAnalyst?: boolean;
  query?: string;
  /** Fraction of the people that the list loses, for the fault of that name. */
  dropped: number;
};

type Entry = { person: Person; rank: number; first: string; last: string };

/** `runStart` and `runEnd` tell, for each position, which neighbours sort equal; empty where ids break ties. */
type Listing = { entries: Entry[]; runStart: Uint32Array; runEnd: Uint32Array };

export type Directory = ReturnType<typeof createDirectory>;

/** Lists people in Metabase's order, sorting and filtering once per revision. */
export function createDirectory(world: World) {
  const sorted = perRevision(world, () => sortPeople(world));
  const listings = perRevision(world, () => new Map<string, Listing>());
  let reads = 0;
  let pagesOfThisRead = 0;

  function listing(filter: ListFilter): Listing {
    const name = JSON.stringify(filter);
    const known = listings().get(name);
    if (known) return known;
    let entries = sorted().filter((entry) => matches(entry.person, filter, world));
    const { groupId } = filter;
    if (groupId !== undefined && world.behavior.groupFilterPutsManagersFirst) {
      entries = entries.map((entry) => ({ ...entry, rank: leads(entry.person, groupId, world) ? 0 : 1 }));
      entries.sort((a, b) => a.rank - b.rank);
    }
    const fresh = { entries, ...(world.behavior.idBreaksTies ? noRuns : runsOf(entries)) };
    listings().set(name, fresh);
    return fresh;
  }

  /**
   * Where ids do not break ties, people of equal names trade places: by one place with each page of a read, so
   * that a page boundary between them always loses one, and by one with each read, so that reading again helps.
   */
  function page(filter: ListFilter, offset: number, limit: number): Person[] {
    const { entries, runStart, runEnd } = listing(filter);
    if (offset === 0) {
      reads += 1;
      pagesOfThisRead = 0;
    }
    const shift = reads + pagesOfThisRead;
    pagesOfThisRead += 1;

    const end = Math.min(entries.length, offset + limit);
    const people: Person[] = [];
    for (let position = offset; position < end; position += 1) {
      const start = runStart[position] ?? position;
      const length = (runEnd[position] ?? position + 1) - start;
      const entry = entries[start + ((position - start + shift) % length)];
      if (entry) people.push(entry.person);
    }
    return people;
  }

  return {
    page,
    total: (filter: ListFilter): number => listing(filter).entries.length,
    first: (filter: ListFilter): Person | undefined => listing(filter).entries[0]?.person,
  };
}

const noRuns = { runStart: new Uint32Array(), runEnd: new Uint32Array() };

function sortPeople(world: World): Entry[] {
  const entries: Entry[] = [];
  for (const person of world.people.values()) {
    if (person.type !== 'personal') continue;
    entries.push({ person, rank: 0, first: sortKey(person.firstName), last: sortKey(person.lastName) });
  }
  return entries.sort(
    (a, b) => compare(a.first, b.first) || compare(a.last, b.last) || a.person.id - b.person.id,
  );
}

// Postgres puts null last; no name begins with this code point.
const sortKey = (name: string | null): string => name?.toLowerCase() ?? '\uffff';
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function runsOf(entries: Entry[]): Pick<Listing, 'runStart' | 'runEnd'> {
  const runStart = new Uint32Array(entries.length);
  const runEnd = new Uint32Array(entries.length);
  let start = 0;
  for (let position = 1; position <= entries.length; position += 1) {
    const [a, b] = [entries[start], entries[position]];
    if (a && b && a.rank === b.rank && a.first === b.first && a.last === b.last) continue;
    runStart.fill(start, start, position);
    runEnd.fill(position, start, position);
    start = position;
  }
  return { runStart, runEnd };
}

function matches(person: Person, filter: ListFilter, world: World): boolean {
  if (filter.status !== 'all' && person.isActive !== (filter.status === 'active')) return false;
  if (filter.tenancy !== 'all' && (person.tenantId !== null) !== (filter.tenancy === 'external'))
    return false;
  if (filter.tenantId !== undefined && person.tenantId !== filter.tenantId) return false;
  if (filter.isDataAnalyst !== undefined && person.isDataAnalyst !== filter.isDataAnalyst) return false;
  if (filter.dropped > 0 && fractionOf(person.id) < filter.dropped) return false;
  const { groupId, query } = filter;
  if (groupId !== undefined && !world.membershipsOf(person.id).some((own) => own.groupId === groupId))
    return false;
  if (query === undefined) return true;
  const sought = query.toLowerCase();
  return [person.firstName, person.lastName, person.email].some((text) =>
    text?.toLowerCase().includes(sought),
  );
}

function leads(person: Person, groupId: number, world: World): boolean {
  const managed = world.membershipsOf(person.id).some((own) => own.groupId === groupId && own.isGroupManager);
  return person.isSuperuser || managed;
}
