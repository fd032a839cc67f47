import { type Answer, failure, json, proxyPage, text } from './answers.ts';

/** What is broken right now. All off at first; each may be set and cleared while the instance runs. */
export type Faults = {
  /** 503 in plain text on every API route but health, which says how far it is. */
  startingUp?: boolean | undefined;
  down?: { status: 500 | 502 | 503 | 504; html?: boolean; retryAfterSeconds?: number } | undefined;
  /** 429 for the next `times` requests. */
  rateLimited?: { retryAfterSeconds: number; times: number } | undefined;
  /** 200 text/html even under /api, as behind a login proxy. */
  htmlEverywhere?: boolean | undefined;
  /** 200 with the JSON of another product. */
  foreignJson?: boolean | undefined;
  /** This URL as it stands, for every request but health. */
  redirectTo?: string | undefined;
  /** true cuts the connection after half the body; 'silently' sends half the body as if it were all. */
  truncateBody?: boolean | 'silently' | undefined;
  /** Accepts the request and never answers. */
  hang?: boolean | undefined;
  totalOffBy?: number | undefined;
  /** Renames a person already read when the next page is asked for: true for once, a number for so many times. */
  shiftBetweenPages?: boolean | number | undefined;
  emptyUsers?: boolean | undefined;
  /** 0 to 1: this fraction of the people is missing from the list and from its total. */
  dropUsers?: number | undefined;
  tokenStatusDown?: boolean | undefined;
  hideTokenStatusSetting?: boolean | undefined;
  /** Answers `requests` more, then fails with `status`. Counts down while it runs. */
  failAfter?: { requests: number; status: number } | undefined;
  /** Status by path, without the sub-path: `{'/api/permissions/membership': 500}`. */
  pathFaults?: Record<string, number> | undefined;
  /** Hands every caller the session of an ordinary member, which outranks the key if it is sent back. */
  leakSession?: boolean | undefined;
};

/** The answer that stands in for the real one, if a fault says so; counting faults count down here. */
export function faultyAnswer(faults: Faults, method: string | undefined, path: string): Answer | undefined {
  const isHealth = path === '/api/health';
  if (faults.failAfter) {
    if (faults.failAfter.requests <= 0) return failure(faults.failAfter.status);
    faults.failAfter.requests -= 1;
  }
  if (faults.down) {
    const { status, html, retryAfterSeconds } = faults.down;
    return withRetryAfter(
      html ? proxyPage(status, `${status} Bad Gateway`) : failure(status),
      retryAfterSeconds,
    );
  }
  if (faults.rateLimited && faults.rateLimited.times > 0) {
    faults.rateLimited.times -= 1;
    return withRetryAfter(text(429, 'Too many requests'), faults.rateLimited.retryAfterSeconds);
  }
  if (faults.redirectTo !== undefined && !isHealth) {
    const permanently = method === 'GET' || method === 'HEAD' ? 301 : 307;
    return { ...text(permanently, ''), headers: { Location: faults.redirectTo } };
  }
  if (faults.htmlEverywhere) return proxyPage(200, 'Sign in to continue');
  if (faults.foreignJson) return json({ database: 'ok', version: '11.1.0', commit: '5b85c4c2fc' });
  if (faults.startingUp && isHealth) return json({ status: 'initializing', progress: 0.4 }, 503);
  if (faults.startingUp && path.startsWith('/api/')) {
    return text(503, 'Metabase is still initializing. Please sit tight...');
  }
  const status = faults.pathFaults?.[path];
  return status === undefined ? undefined : failure(status);
}

function withRetryAfter(answer: Answer, seconds: number | undefined): Answer {
  return seconds === undefined ? answer : { ...answer, headers: { 'Retry-After': String(seconds) } };
}
