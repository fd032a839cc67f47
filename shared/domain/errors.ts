/** What the queue does with a message after this failure; `retry` ends in the dead-letter queue. */
type QueueAction = 'acknowledge' | 'retry';

/** What the failure does to the connection's stored state. */
export type ConnectionEffect = 'unchanged' | 'needs_attention' | 'backs_off' | 'held_back';

interface Outcome {
  readonly httpStatus: number;
  readonly queue: QueueAction;
  readonly connection: ConnectionEffect;
  readonly title: string;
}

/**
 * The one place that says what each failure means. Temporary failures of an instance are acknowledged and come
 * back through `nextSyncAt`, not through the queue: docs/decisions/0005-retries-through-the-schedule.md.
 */
export const outcomes = {
  malformed_request: outcome(400, 'acknowledge', 'unchanged', 'The request is malformed'),
  tenant_missing: outcome(403, 'acknowledge', 'unchanged', 'The token does not name a tenant'),
  not_found: outcome(404, 'acknowledge', 'unchanged', 'There is no such connection'),
  disconnected: outcome(409, 'acknowledge', 'unchanged', 'The instance is disconnected'),
  lease_held: outcome(409, 'acknowledge', 'unchanged', 'A sync is already running'),
  lease_lost: outcome(409, 'acknowledge', 'unchanged', 'Another sync took over'),
  snapshot_moved: outcome(409, 'acknowledge', 'unchanged', 'The snapshot changed while it was read'),
  too_many_requests: outcome(429, 'acknowledge', 'unchanged', 'Asked too often'),
  credentials_rejected: outcome(422, 'acknowledge', 'needs_attention', 'Metabase rejected the API key'),
  credentials_missing: outcome(422, 'acknowledge', 'needs_attention', 'The API key is missing'),
  admin_rights_missing: outcome(
    422,
    'acknowledge',
    'needs_attention',
    'The API key has no administrator rights',
  ),
  address_not_allowed: outcome(422, 'acknowledge', 'needs_attention', 'The address may not be called'),
  not_metabase: outcome(422, 'acknowledge', 'needs_attention', 'There is no Metabase API at this URL'),
  response_invalid: outcome(502, 'acknowledge', 'backs_off', 'Metabase answered something unexpected'),
  list_inconsistent: outcome(502, 'acknowledge', 'backs_off', 'The list of users kept changing'),
  rate_limited: outcome(502, 'acknowledge', 'backs_off', 'Metabase limits the rate of requests'),
  instance_starting: outcome(502, 'acknowledge', 'backs_off', 'Metabase is starting up'),
  instance_failing: outcome(502, 'acknowledge', 'backs_off', 'Metabase answered with an error'),
  timed_out: outcome(502, 'acknowledge', 'backs_off', 'Metabase did not answer in time'),
  name_not_resolved: outcome(502, 'acknowledge', 'backs_off', 'The host name cannot be resolved'),
  connection_failed: outcome(502, 'acknowledge', 'backs_off', 'The host cannot be reached'),
  tls_failed: outcome(502, 'acknowledge', 'backs_off', 'The TLS connection failed'),
  suspicious_shrink: outcome(409, 'acknowledge', 'held_back', 'Too many accounts disappeared at once'),
  purge_incomplete: outcome(503, 'acknowledge', 'unchanged', 'The purge is not finished'),
  unexpected: outcome(500, 'retry', 'backs_off', 'Something unexpected happened'),
} satisfies Record<string, Outcome>;

export type FailureCode = keyof typeof outcomes;

function outcome(
  httpStatus: number,
  queue: QueueAction,
  connection: ConnectionEffect,
  title: string,
): Outcome {
  return { httpStatus, queue, connection, title };
}

/**
 * The one error of the domain. `message` is a sentence for a person: what happened and what to do. It never holds
 * a key, a foreign body or an internal name, so it may be shown to a tenant as it is.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** Seconds after which trying again makes sense, where the other side said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get outcome(): Outcome {
    return outcomes[this.code];
  }
}

/** Keeps a {@link Failure}; everything else becomes `unexpected`, with the original as cause for the log. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure('unexpected', 'Something unexpected happened on our side. Please try again later.', {
    cause: error,
  });
}
