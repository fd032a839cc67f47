import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Failure } from '#shared/domain/errors.ts';
import { type AddressPolicy, guardLookup, reachOf, refuseUrl } from './address-policy.ts';
import { abandoned, BrokenOff, networkFailure, timedOut } from './network-failures.ts';

export interface HttpOptions {
  readonly addressPolicy: AddressPolicy;
  /** Of the unpacked body. */
  readonly maxResponseBytes: number;
  /** For one request, from the look-up to the last byte. */
  readonly requestTimeoutMs: number;
  readonly lookup?: LookupFunction;
  /** Certificate authorities (PEM) to trust in place of the built-in ones. */
  readonly ca?: string;
}

/** Counts requests made and bytes of bodies received, as they came over the wire. */
export interface Meter {
  requests: number;
  bytes: number;
}

interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly meter: Meter;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined when the status is not 200 or the content is not JSON: such bodies are never looked at. */
  readonly json: unknown;
}

export type HttpGet = (request: HttpRequest) => Promise<HttpAnswer>;

/** Enough to read an error page to its end, so that the connection can be used again. */
const maxErrorBytes = 64 * 1024;
/** Jetty, which serves Metabase, closes an idle connection after 30 seconds. */
const idleSocketMs = 20_000;

/**
 * One GET, guarded against what a hostile or broken address may do: private networks, redirects (given back, not
 * followed), endless or exploding bodies, silence. No cookies are kept: a session would outrank the API key.
 *
 * @throws Failure `address_not_allowed`, `name_not_resolved`, `connection_failed`, `tls_failed`, `timed_out`,
 * `response_invalid`
 */
export function createHttpGet(options: HttpOptions): HttpGet {
  const { addressPolicy, maxResponseBytes, requestTimeoutMs, ca } = options;
  const sockets = {
    keepAlive: true,
    maxFreeSockets: 8,
    timeout: idleSocketMs,
  };
  const lookupOver = (protocol: 'http:' | 'https:') =>
    guardLookup(reachOf(addressPolicy, protocol), options.lookup);
  const httpAgent = new http.Agent({ ...sockets, lookup: lookupOver('http:') });
  // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise switch it off.
  const httpsAgent = new https.Agent({
    ...sockets,
    lookup: lookupOver('https:'),
    rejectUnauthorized: true,
    ...(ca && { ca }),
  });

  function open(url: URL, headers: HttpRequest['headers'], signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? https.request(url, { agent: httpsAgent, headers, signal })
          : http.request(url, { agent: httpAgent, headers, signal });
      request.on('response', resolve).on('error', reject).end();
    });
  }

  return async function get({ url, headers, signal, meter }) {
    refuseUrl(url, addressPolicy);
    if (signal.aborted) throw abandoned(signal);
    const timeLimit = new AbortController();
    const timer = setTimeout(() => timeLimit.abort(), requestTimeoutMs);
    meter.requests += 1;
    try {
      const response = await open(
        url,
        { accept: 'application/json', 'accept-encoding': 'gzip', ...headers },
        AbortSignal.any([signal, timeLimit.signal]),
      );
      const status = response.statusCode ?? 0;
      const isWanted = status === 200 && isJson(response.headers['content-type']);
      const json = isWanted ? parse(await readBody(response, maxResponseBytes, meter)) : undefined;
      if (!isWanted) await discardBody(response, meter);
      return { status, headers: response.headers, json };
    } catch (error) {
      if (signal.aborted) throw abandoned(signal);
      if (timeLimit.signal.aborted) throw timedOut(url, requestTimeoutMs);
      throw error instanceof BodyError ? unreadable(url, error) : networkFailure(error, url);
    } finally {
      clearTimeout(timer);
    }
  };
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}

/** Says what is wrong with a body, as half a sentence. */
class BodyError extends Error {}

async function readBody(response: IncomingMessage, maxBytes: number, meter: Meter): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  async function collect(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBytes) throw new BodyError(`is larger than ${maxBytes / 2 ** 20} MiB`);
      chunks.push(chunk);
    }
  }

  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity') {
    response.destroy();
    throw new BodyError('is packed in a way that was not asked for');
  }
  const gunzip = encoding === 'gzip' ? createGunzip({ chunkSize: 64 * 1024 }) : null;
  try {
    if (gunzip) await pipeline(response, gunzip, collect);
    else await pipeline(response, collect);
  } catch (error) {
    throw error instanceof BodyError ? error : damaged(error);
  } finally {
    meter.bytes += gunzip ? gunzip.bytesWritten : size;
  }
  return Buffer.concat(chunks, size);
}

function damaged(error: unknown): BodyError {
  const isPacking = String((error as { code?: unknown }).code).startsWith('Z_');
  return isPacking
    ? new BodyError('cannot be unpacked')
    : new BodyError('broke off in the middle', { cause: new BrokenOff() });
}

/** The status says what happened; whatever goes wrong with the page that comes with it does not matter. */
async function discardBody(response: IncomingMessage, meter: Meter): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size >= maxErrorBytes) break;
    }
  } catch {}
  meter.bytes += size;
}

/** The error of JSON.parse quotes the text, so it is dropped. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new BodyError('is not complete JSON');
  }
}

function unreadable(url: URL, { message, cause }: BodyError): Failure {
  return new Failure(
    'response_invalid',
    `The answer of ${url.host} to ${url.pathname} ${message}. If that stays, check the proxy in front of the instance.`,
    { cause },
  );
}
