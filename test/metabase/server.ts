import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Answer } from './answers.ts';
import { callerOf } from './authentication.ts';
import { createEdits, type Edits } from './edits.ts';
import { type Faults, faultyAnswer } from './faults.ts';
import { foundCompany } from './generate.ts';
import { addKey, addKeysOfTheHouse } from './keys.ts';
import type { Plan } from './plans.ts';
import { createRandom, type Random } from './random.ts';
import { createRouter } from './router.ts';
import type { MetabaseVersion } from './versions.ts';
import { administratorsGroupId, allUsersGroupId, type World } from './world.ts';

export type SampleOptions = {
  version: MetabaseVersion;
  /** Personal accounts: active and deactivated, internal and external together. */
  users: number;
  plan: Plan;
  /** Served below this path only, as behind a proxy: '/metabase'. */
  subPath: string;
  /** 0: any free one. */
  port: number;
  seed: number;
};

type SeenRequest = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
};

export type SampleMetabase = Edits &
  AsyncDisposable & {
    /** With the sub-path, without a slash at the end. */
    url: string;
    adminKey: string;
    /** A key of All Users only: it may sign in and see nothing. */
    memberKey: string;
    /** A key of Data Analysts, in versions that have them. */
    analystKey: string | undefined;
    /** The session id of an ordinary member. */
    memberSession: string;
    world: World;
    faults: Faults;
    requests: SeenRequest[];
    readonly requestCount: number;
    /** Bodies as they went over the wire, packed or not. */
    readonly bytesSent: number;
    resetCounters(): void;
    clearFaults(): void;
    /** Also cuts connections that still wait for an answer. */
    close(): Promise<void>;
  };

const defaults: SampleOptions = {
  version: '0.63',
  users: 25,
  plan: 'pro-cloud',
  subPath: '',
  port: 0,
  seed: 1,
};

const pack = promisify(gzip);

export async function startSampleMetabase(options: Partial<SampleOptions> = {}): Promise<SampleMetabase> {
  const chosen = { ...defaults, ...options };
  const world = foundCompany(chosen);
  const random = createRandom(chosen.seed + 1);
  const access = openDoors(world, random);
  const edits = createEdits(world, random);
  const faults: Faults = {};
  const requests: SeenRequest[] = [];
  let bytesSent = 0;

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(chosen.port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${chosen.subPath}`;
  const route = createRouter({ world, faults, rename: edits.rename, siteUrl: url });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sample.invalid');
    const { method = 'GET', headers } = request;
    requests.push({ method, path: pathname, query: Object.fromEntries(searchParams), headers });
    request.resume();
    if (faults.hang) return;

    const path = pathname.startsWith(`${chosen.subPath}/`) ? pathname.slice(chosen.subPath.length) : '';
    const answer =
      faultyAnswer(faults, method, path) ??
      route({ method, path, query: searchParams, caller: callerOf(headers, world), nonce: requests.length });
    const packed = await bodyFor(answer, headers);
    bytesSent += packed.body.length;
    response.setHeader('Set-Cookie', cookies());
    send(response, answer, packed, faults.truncateBody);
  }

  function cookies(): string[] {
    const device = `metabase.DEVICE=${access.deviceId};HttpOnly;Path=/;SameSite=Lax`;
    const session = `metabase.SESSION=${access.memberSession};HttpOnly;Path=/;SameSite=Lax`;
    return faults.leakSession ? [device, session] : [device];
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  return {
    ...edits,
    ...access,
    url,
    world,
    faults,
    requests,
    get requestCount() {
      return requests.length;
    },
    get bytesSent() {
      return bytesSent;
    },
    resetCounters() {
      requests.length = 0;
      bytesSent = 0;
    },
    clearFaults() {
      for (const name of Object.keys(faults)) delete faults[name as keyof Faults];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openDoors(world: World, random: Random) {
  const member = [...world.people.values()].find(
    ({ isActive, isSuperuser, isDataAnalyst }) => isActive && !isSuperuser && !isDataAnalyst,
  );
  const memberSession = random.uuid();
  if (member) world.sessions.set(memberSession, member.id);

  const analysts = world.magicGroup('data-analyst');
  const adminKey = addKey(world, random, { name: 'Licence sync', groupId: administratorsGroupId });
  const memberKey = addKey(world, random, { name: 'Embedded charts', groupId: allUsersGroupId });
  const analystKey = analysts && addKey(world, random, { name: 'Notebook', groupId: analysts.id });
  addKeysOfTheHouse(world, random);
  return { adminKey, memberKey, analystKey, memberSession, deviceId: random.uuid() };
}

type Packed = { body: Buffer; encoding?: 'gzip' };

async function bodyFor({ body }: Answer, headers: IncomingHttpHeaders): Promise<Packed> {
  const wantsGzip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  if (!wantsGzip || body.plain.length < smallestPackedBytes) return { body: body.plain };
  // The fastest level: a benchmark measures the client, not this server.
  body.gzip ??= await pack(body.plain, { level: constants.Z_BEST_SPEED });
  return { body: body.gzip, encoding: 'gzip' };
}

const smallestPackedBytes = 200;

function send(response: ServerResponse, answer: Answer, packed: Packed, cut: Faults['truncateBody']): void {
  const { body, encoding } = packed;
  const half = body.subarray(0, Math.floor(body.length / 2));
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'Cache-Control': 'no-cache',
    'Content-Length': cut === 'silently' ? half.length : body.length,
    ...(encoding && { 'Content-Encoding': encoding }),
    ...answer.headers,
  });
  if (cut === true) response.write(half, () => response.destroy());
  else response.end(cut === 'silently' ? half : body);
}
