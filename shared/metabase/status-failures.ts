import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '#shared/domain/errors.ts';

const keySettings = 'in Metabase under Admin settings > Authentication > API keys';

const maxRetryAfterSeconds = 24 * 60 * 60;

interface RefusedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What the tenant typed, as it was understood. */
  readonly instanceUrl: string;
  /** Such as `/api/user`. */
  readonly endpoint: string;
  readonly now: Date;
}

/** Only the status decides: Metabase translates its texts. */
export function statusFailure(answer: RefusedAnswer): Failure {
  const { status, headers, endpoint, instanceUrl } = answer;
  const retryAfter = retryAfterOf(headers['retry-after'], answer.now);

  if (status >= 300 && status < 400) return redirected(answer);
  if (status === 401) {
    return new Failure(
      'credentials_rejected',
      `Metabase rejected the API key: it was deleted, regenerated or mistyped. Create a key for the group Administrators ${keySettings}, and replace the old one here.`,
    );
  }
  if (status === 403) {
    return new Failure(
      'admin_rights_missing',
      `Metabase, or a proxy in front of it, refused ${endpoint} (status 403). Assign the key to the group Administrators ${keySettings}; if the instance has an IP allowlist, add this service to it.`,
    );
  }
  if (status === 404) return notMetabase(instanceUrl, `there is no ${endpoint} (status 404)`);
  if (status === 429) {
    return new Failure(
      'rate_limited',
      'Metabase, or a proxy in front of it, limits the rate of requests (status 429). If that stays, allow this service more requests.',
      retryAfter,
    );
  }
  if (status === 503 && !isHtml(headers)) {
    return new Failure(
      'instance_starting',
      'Metabase is starting up or not ready (status 503). If that stays, look at the log of the instance.',
      retryAfter,
    );
  }
  if (status >= 500) {
    return new Failure(
      'instance_failing',
      `Metabase, or a proxy in front of it, answered with an error (status ${status}). If that stays, look at the log of the instance.`,
      retryAfter,
    );
  }
  return new Failure(
    'response_invalid',
    `Metabase answered ${endpoint} with the unexpected status ${status}. Check that no proxy in front of it changes requests.`,
  );
}

/** The key would be sent to wherever a redirect points, so none is followed. */
function redirected({ status, headers, instanceUrl }: RefusedAnswer): Failure {
  const target = URL.parse(headers.location ?? '', instanceUrl);
  const cure =
    target?.protocol.startsWith('http') && target.origin !== URL.parse(instanceUrl)?.origin
      ? `Type the address it redirects to: ${target.origin}`
      : 'Type the address at which Metabase itself answers, and let API requests pass any sign-in page.';
  return new Failure(
    'not_metabase',
    `${instanceUrl} answers with a redirect (status ${status}), which is not followed. ${cure}`,
  );
}

/** @param found What was there instead, as half a sentence */
export function notMetabase(instanceUrl: string, found: string): Failure {
  return new Failure(
    'not_metabase',
    `There is no Metabase API at ${instanceUrl}: ${found}. Type the address at which Metabase opens in a browser, without the path of a page; a sign-in page of a proxy must let API requests pass.`,
  );
}

export function lacksAdminRights(): Failure {
  return new Failure(
    'admin_rights_missing',
    `The API key works, but has no administrator rights. Assign the key to the group Administrators ${keySettings}. A key whose group was deleted falls back to All Users.`,
  );
}

/** Seconds or an HTTP date: RFC 9110, section 10.2.3. More than a day is taken for a day. */
export function retryAfterOf(value: string | undefined, now: Date): { retryAfterSeconds?: number } {
  const text = value?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  if (!Number.isFinite(seconds)) return {};
  return { retryAfterSeconds: Math.min(Math.max(0, Math.ceil(seconds)), maxRetryAfterSeconds) };
}

function isHtml(headers: IncomingHttpHeaders): boolean {
  return /^text\/html\b/i.test(headers['content-type'] ?? '');
}
