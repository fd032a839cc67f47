import * as z from 'zod';
import type { Credential } from '#shared/domain/connection.ts';
import { Failure } from '#shared/domain/errors.ts';
import type { HttpAnswer, HttpGet, Meter } from './http.ts';
import { type RetryOptions, retry } from './retry.ts';
import {
  type CurrentUser,
  currentUserSchema,
  type GroupRow,
  groupRowSchema,
  type MembershipRow,
  membershipMapSchema,
  membershipRowsSchema,
  type Properties,
  propertiesSchema,
  type TokenStatus,
  tokenStatusSchema,
  type UserRow,
  userListSchema,
  userRowSchema,
} from './schemas.ts';
import { notMetabase, statusFailure } from './status-failures.ts';

/** Every endpoint that is called, each a GET. Other pages: https://www.metabase.com/docs/latest/api */
const endpoints = {
  /** https://www.metabase.com/docs/latest/api/user */
  currentUser: '/api/user/current',
  /** https://www.metabase.com/docs/latest/api/session */
  properties: '/api/session/properties',
  /** https://www.metabase.com/docs/latest/api/user */
  users: '/api/user',
  /** https://www.metabase.com/docs/latest/api/permissions */
  groups: '/api/permissions/group',
  /** https://www.metabase.com/docs/latest/api/permissions */
  memberships: '/api/permissions/membership',
  /** https://www.metabase.com/docs/latest/api/premium-features */
  tokenStatus: '/api/premium-features/token/status',
} as const;

interface UserPage {
  /** Of the whole list, as Metabase counts it. */
  readonly total: number;
  readonly received: number;
  /** To be read once: each row is checked as it is taken, so that a page is never held twice. */
  readonly rows: Iterable<UserRow>;
}

/** One method an endpoint, one call a method (and its retries). All throw a Failure. */
export interface Client {
  readonly meter: Readonly<Meter>;
  currentUser(signal: AbortSignal): Promise<CurrentUser>;
  properties(signal: AbortSignal): Promise<Properties>;
  /** People of every status and tenancy. `all` leaves paging out: such an answer cannot shift while it is read. */
  users(page: { limit: number; offset: number } | 'all', signal: AbortSignal): Promise<UserPage>;
  groups(signal: AbortSignal): Promise<GroupRow[]>;
  /** By user id, API keys' users included; to be read once, as the rows of users. */
  memberships(signal: AbortSignal): Promise<Iterable<[userId: number, MembershipRow[]]>>;
  /** Null: no token is installed. */
  tokenStatus(signal: AbortSignal): Promise<TokenStatus | null>;
}

export interface ClientOptions {
  readonly httpGet: HttpGet;
  readonly patience: RetryOptions;
  readonly now: () => Date;
}

export function createClient(
  { httpGet, patience, now }: ClientOptions,
  { instanceUrl, apiKey }: Credential,
): Client {
  const meter: Meter = { requests: 0, bytes: 0 };
  const headers = { 'x-api-key': apiKey, 'user-agent': 'metabase-license-sync' };

  async function get(
    endpoint: string,
    signal: AbortSignal,
    query = '',
    accepted = [200],
  ): Promise<HttpAnswer> {
    // A sub-path stays: Metabase behind a proxy has its API below it.
    const url = new URL(`${instanceUrl}${endpoint}${query}`);
    return retry(
      async () => {
        const answer = await httpGet({ url, headers, signal, meter });
        if (!accepted.includes(answer.status)) {
          throw statusFailure({ ...answer, instanceUrl, endpoint, now: now() });
        }
        return answer;
      },
      patience,
      signal,
    );
  }

  async function getJson(endpoint: string, signal: AbortSignal, query?: string): Promise<unknown> {
    const { json } = await get(endpoint, signal, query);
    if (json === undefined) throw notMetabase(instanceUrl, 'it answers with a web page in place of data');
    return json;
  }

  return {
    meter,

    async currentUser(signal) {
      const user = currentUserSchema.safeParse(await getJson(endpoints.currentUser, signal));
      if (!user.success) throw notMetabase(instanceUrl, 'another product answers there');
      return user.data;
    },

    async properties(signal) {
      return check(propertiesSchema, await getJson(endpoints.properties, signal), endpoints.properties);
    },

    async users(page, signal) {
      const paging = page === 'all' ? '' : `&limit=${page.limit}&offset=${page.offset}`;
      const json = await getJson(endpoints.users, signal, `?status=all&tenancy=all${paging}`);
      const { data, total } = check(userListSchema, json, endpoints.users);
      return { total, received: data.length, rows: checkEach(userRowSchema, data, endpoints.users, 'data') };
    },

    async groups(signal) {
      const json = await getJson(endpoints.groups, signal);
      return check(z.array(groupRowSchema), json, endpoints.groups);
    },

    async memberships(signal) {
      const json = await getJson(endpoints.memberships, signal);
      return checkMemberships(check(membershipMapSchema, json, endpoints.memberships));
    },

    async tokenStatus(signal) {
      const { status, json } = await get(endpoints.tokenStatus, signal, '', [200, 404]);
      return status === 404 ? null : check(tokenStatusSchema, json, endpoints.tokenStatus);
    },
  };
}

function* checkEach<T>(
  schema: z.ZodType<T>,
  values: readonly unknown[],
  endpoint: string,
  name: string,
): Generator<T> {
  for (const [index, value] of values.entries()) yield check(schema, value, endpoint, [name, index]);
}

function* checkMemberships(map: Record<string, unknown>): Generator<[number, MembershipRow[]]> {
  for (const userId in map) {
    yield [Number(userId), check(membershipRowsSchema, map[userId], endpoints.memberships, [userId])];
  }
}

/** Names the first field that does not fit, never its value. */
function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  endpoint: string,
  at: readonly PropertyKey[] = [],
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const path = [...at, ...(result.error.issues[0]?.path ?? [])].join('.');
  throw new Failure(
    'response_invalid',
    `The answer of Metabase to ${endpoint} was not understood: ${path === '' ? 'it' : `the field ${path}`} is not as expected. Metabase 0.49 to 0.63 is supported; please report this if your version is one of them.`,
  );
}
