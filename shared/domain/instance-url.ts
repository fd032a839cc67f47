import { Failure } from './errors.ts';

/** First path segments of Metabase's own pages (its single-page application), as of v0.63. */
const pageSegments = new Set([
  ...['account', 'admin', 'archive', 'auth', 'browse', 'collection', 'dashboard', 'data-studio', 'embed'],
  ...['getting-started', 'index.html', 'metabot', 'metric', 'model', 'pulse', 'public', 'question'],
  ...['reference', 'search', 'setup', 'table', 'transforms', 'trash', 'unauthorized', 'user', 'x-ray'],
]);

/**
 * The base URLs that a pasted URL may mean, the most plausible first, each without a trailing slash. People paste
 * the page they look at, or a URL that ends in `/api`; a proxy may serve Metabase below a sub-path. Only the
 * instance can tell the two apart, so the caller tries them in order.
 *
 * @throws Failure `malformed_request` with what to type instead
 */
export function instanceUrlCandidates(input: string): [string, ...string[]] {
  const url = parse(input.trim());
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const end = segments.indexOf('api');
  const path = end === -1 ? segments : segments.slice(0, end);
  const page = path.findIndex((segment) => pageSegments.has(segment.toLowerCase()));

  const base = (parts: string[]) => [url.origin, ...parts].join('/');
  const first = base(page === -1 ? path : path.slice(0, page));
  return [
    first,
    ...[base(path), url.origin].filter((other, i, all) => other !== first && all.indexOf(other) === i),
  ];
}

function parse(text: string): URL {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.parse(withScheme);
  if (!url || text === '' || /\s/.test(text)) {
    throw malformed('This is not a URL. Type the address at which Metabase opens in a browser');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw malformed(
      'The instance URL must begin with https://. Type the address at which Metabase opens in a browser',
    );
  }
  if (url.username || url.password) {
    throw malformed(
      'The instance URL must not hold a user name or a password. Leave out the part before the @',
    );
  }
  return url;
}

function malformed(sentence: string): Failure {
  return new Failure('malformed_request', `${sentence}, for example https://metabase.example.com.`);
}
