import type { IncomingHttpHeaders } from 'node:http';
import type { Person, World } from './world.ts';

/** A session outranks the key: whoever keeps cookies may turn from administrator into ordinary member. */
export function callerOf(headers: IncomingHttpHeaders, world: World): Person | undefined {
  return bySession(headers, world) ?? byKey(headers, world);
}

function bySession(headers: IncomingHttpHeaders, world: World): Person | undefined {
  const session = headers['x-metabase-session'] ?? cookie(headers.cookie, 'metabase.SESSION');
  return activePerson(world, world.sessions.get(String(session)));
}

function byKey(headers: IncomingHttpHeaders, world: World): Person | undefined {
  const secret = headers['x-api-key'];
  const isWellFormed =
    typeof secret === 'string' && secret.startsWith('mb_') && secret.length >= 12 && secret.length <= 254;
  return isWellFormed ? activePerson(world, world.keys.get(secret)?.userId) : undefined;
}

function activePerson(world: World, id: number | null | undefined): Person | undefined {
  const person = world.people.get(id ?? 0);
  return person?.isActive ? person : undefined;
}

function cookie(header: string | undefined, name: string): string | undefined {
  const pairs = header?.split(';').map((pair) => pair.trim()) ?? [];
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
