/** `gzip` is kept once made, so that a large answer that is served again is not packed again. */
export type Body = { plain: Buffer; gzip?: Buffer };

export type Answer = { status: number; contentType: string; body: Body; headers?: Record<string, string> };

const htmlType = 'text/html;charset=utf-8';

function answer(status: number, contentType: string, body: string): Answer {
  return { status, contentType, body: { plain: Buffer.from(body) } };
}

export const text = (status: number, body: string): Answer =>
  answer(status, 'text/plain;charset=utf-8', body);

export const json = (value: unknown, status = 200): Answer =>
  answer(status, 'application/json;charset=utf-8', JSON.stringify(value));

export const jsonOf = (body: Body): Answer => ({
  status: 200,
  contentType: 'application/json;charset=utf-8',
  body,
});

export const unauthenticated = (): Answer => text(401, 'Unauthenticated');
export const forbidden = (): Answer => text(403, "You don't have permissions to do that.");
export const notFound = (): Answer => text(404, 'Not found.');
export const noSuchEndpoint = (): Answer => text(404, 'API endpoint does not exist.');

export function invalid(field: string, expected: string, received: string): Answer {
  const errors = { [field]: expected };
  return json(
    { errors, 'specific-errors': { [field]: [`should be ${expected}, received: "${received}"`] } },
    400,
  );
}

/** The single-page app, which Metabase serves for every path outside /api. */
export const singlePageApp = (): Answer =>
  answer(
    200,
    htmlType,
    '<!doctype html><html><head><title>Metabase</title></head><body><div id="root"></div></body></html>',
  );

export const proxyPage = (status: number, title: string): Answer =>
  answer(
    status,
    htmlType,
    `<html><head><title>${title}</title></head><body><h1>${title}</h1><hr>proxy</body></html>`,
  );

/** Tens of kilobytes with names from inside, as Metabase prints an exception: nothing to log whole. */
export function exception(): Answer {
  const frame = ['metabase.sample.core$invoke_handler', 'doInvoke', 'core.clj', 118];
  const message = 'Timeout waiting for a connection of the application database';
  return json(
    {
      message,
      cause: message,
      via: [{ type: 'java.sql.SQLException', message, at: frame }],
      trace: Array.from({ length: 400 }, () => frame),
      data: { query: 'SELECT * FROM "core_user"', host: 'appdb.internal' },
    },
    500,
  );
}

/** What stands in the body when something on the way fails with this status. */
export function failure(status: number): Answer {
  if (status === 401) return unauthenticated();
  if (status === 403) return forbidden();
  if (status === 404) return notFound();
  if (status === 500) return exception();
  return text(status, `Error ${status}`);
}
