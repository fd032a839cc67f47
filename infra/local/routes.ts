/** A route of the HTTP API: its key, such as `GET /v1/connections/{connectionId}`, and what answers it. */
export interface Route<T> {
  readonly routeKey: string;
  readonly target: T;
}

export interface RouteMatch<T> {
  readonly route: Route<T>;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route as API Gateway does: literal segments before parameters, greedy ones and `$default` last. */
export function matchRoute<T>(
  routes: readonly Route<T>[],
  method: string,
  path: string,
): RouteMatch<T> | null {
  const ordered = routes.toSorted((a, b) => rank(b.routeKey).localeCompare(rank(a.routeKey)));
  for (const route of ordered) {
    const [routeMethod = '', pattern] = route.routeKey.split(' ');
    if (pattern === undefined) return { route, pathParameters: {} };
    if (routeMethod !== method && routeMethod !== 'ANY') continue;
    const pathParameters = matchPath(pattern, path);
    if (pathParameters) return { route, pathParameters };
  }
  return null;
}

/** Sorts by segment: literal 3, parameter 2, greedy 1; a named method before ANY; `$default` is the shortest. */
function rank(routeKey: string): string {
  const [method, pattern] = routeKey.split(' ');
  if (pattern === undefined) return '';
  const segments = pattern
    .split('/')
    .slice(1)
    .map((segment) => {
      if (!segment.startsWith('{')) return '3';
      return segment.endsWith('+}') ? '1' : '2';
    });
  return `${segments.join('')}${method === 'ANY' ? '0' : '4'}`;
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split('/');
  const actual = path.split('/');
  const parameters: Record<string, string> = {};
  for (const [i, segment] of expected.entries()) {
    const name = /^\{(.+?)\+?\}$/.exec(segment)?.[1];
    if (name !== undefined && segment.endsWith('+}')) {
      parameters[name] = decode(actual.slice(i).join('/'));
      return actual.length > i ? parameters : null;
    }
    const value = actual[i];
    if (value === undefined || (name === undefined ? value !== segment : value === '')) return null;
    if (name !== undefined) parameters[name] = decode(value);
  }
  return actual.length === expected.length ? parameters : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
