import type { Answer } from '../answers.ts';
import type { Directory } from '../directory.ts';
import type { Faults } from '../faults.ts';
import type { Person, World } from '../world.ts';

/** One request, as a route sees it. */
export type Call = {
  world: World;
  faults: Faults;
  directory: Directory;
  groupFacts: { memberCounts: () => Map<number, number>; membershipMap: () => { plain: Buffer } };
  rename: (personId: number, firstName: string | null) => void;
  siteUrl: string;
  /** Nobody, where the route lets anyone in. */
  caller: Person | undefined;
  query: URLSearchParams;
  /** The number in the path, where the route has one. */
  id: number;
  /** Counts the requests of this instance. */
  nonce: number;
};

export type Route = {
  path: RegExp;
  /** Checked before `answer` runs: 401 without a caller, 403 for a caller with too little. */
  for: 'anyone' | 'signed-in' | 'superusers';
  answer: (call: Call) => Answer;
};

/** The caller of a route that is not for anyone. */
export function signedIn(call: Call): Person {
  if (!call.caller) throw new Error('A route for anyone asked who its caller is.');
  return call.caller;
}
