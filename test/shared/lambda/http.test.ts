import { describe, expect, it } from 'vitest';
import { Failure } from '#shared/domain/errors.ts';
import { type HttpRoute, serveHttp } from '#shared/lambda/http.ts';
import { httpEvent, lambdaContext } from '#test/support/lambda-events.ts';
import { recordTelemetry } from '#test/support/telemetry-recorder.ts';

async function call(route: HttpRoute, parts: Parameters<typeof httpEvent>[2] = {}, remainingMs = 29_000) {
  const telemetry = recordTelemetry();
  const handler = serveHttp({ 'POST /v1/things': route }, { tenantClaim: 'tenant_id', telemetry });
  const result = await handler(httpEvent('POST /v1/things', '/v1/things', parts), lambdaContext(remainingMs));
  return { ...result, body: result.body ? JSON.parse(result.body) : undefined, telemetry };
}

describe('an HTTP function', () => {
  it('gives a route the tenant of the token and the parsed body', async () => {
    const answer = await call(
      async ({ tenantId, body, query }) => ({ status: 200, body: { tenantId, body, query } }),
      { body: { tenantId: 'other' }, query: { limit: '5' } },
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toEqual({ tenantId: 'acme', body: { tenantId: 'other' }, query: { limit: '5' } });
  });

  it('answers a failure with a problem document that holds the cure', async () => {
    const answer = await call(async () => {
      throw new Failure('rate_limited', 'Wait a minute.', { retryAfterSeconds: 59.2 });
    });
    expect(answer.statusCode).toBe(502);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '60' });
    expect(answer.body).toEqual({
      type: 'urn:metabase-sync:problem:rate-limited',
      title: 'Metabase limits the rate of requests',
      status: 502,
      detail: 'Wait a minute.',
      correlationId: 'request-1',
    });
  });

  it('shows nothing of an unexpected error but the correlation id, and logs it whole', async () => {
    const answer = await call(async () => {
      throw new TypeError('table metabase-connections is on fire');
    });
    expect(answer.statusCode).toBe(500);
    expect(JSON.stringify(answer.body)).not.toMatch(/fire|TypeError|table/);
    expect(answer.body.correlationId).toBe('request-1');
    expect(answer.telemetry.lines).toMatchObject([{ level: 'error', fields: { requestId: 'request-1' } }]);
  });

  it('refuses a body that is not JSON', async () => {
    const answer = await call(async () => ({ status: 200 }), { body: '{"apiKey": mb_' });
    expect(answer.body).toMatchObject({ status: 400, detail: 'The body is not JSON. Send a JSON object.' });
  });

  it('refuses a token that names no tenant, and says which claim is missing', async () => {
    const answer = await call(async () => ({ status: 200 }), { tenant: '' });
    expect(answer.body).toMatchObject({ status: 403, type: 'urn:metabase-sync:problem:tenant-missing' });
    expect(answer.body.detail).toContain('tenant_id');
  });

  it('takes API keys out of whatever it says', async () => {
    const answer = await call(async () => {
      throw new Failure('malformed_request', 'Unknown field mb_AbCdEfGhIjKlMnOp.');
    });
    expect(answer.body.detail).toBe('Unknown field mb_[redacted]');
  });

  it('gives up in time to answer', async () => {
    const answer = await call(
      ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      {},
      2_001,
    );
    expect(answer.body).toMatchObject({ status: 502, type: 'urn:metabase-sync:problem:timed-out' });
  });
});
