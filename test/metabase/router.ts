import {
  type Answer,
  forbidden,
  json,
  noSuchEndpoint,
  proxyPage,
  singlePageApp,
  unauthenticated,
} from './answers.ts';
import { createDirectory } from './directory.ts';
import type { Faults } from './faults.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import type { Call, Route } from './routes/call.ts';
import { createGroupFacts, groupRoutes } from './routes/groups.ts';
import { licenseRoutes } from './routes/license.ts';
import { peopleRoutes } from './routes/people.ts';
import { propertiesRoutes } from './routes/properties.ts';
import type { World } from './world.ts';

const routes: Route[] = [
  { path: /^\/api\/health$/, for: 'anyone', answer: () => json({ status: 'ok' }) },
  ...propertiesRoutes,
  ...peopleRoutes,
  ...groupRoutes,
  ...apiKeyRoutes,
  ...licenseRoutes,
];

type Instance = { world: World; faults: Faults; rename: Call['rename']; siteUrl: string };

/** `path` has no sub-path any more, and is empty for what lies outside it. */
type Request = Pick<Call, 'caller' | 'query' | 'nonce'> & { method: string; path: string };

export function createRouter(instance: Instance): (request: Request) => Answer {
  const { world } = instance;
  const directory = createDirectory(world);
  const groupFacts = createGroupFacts(world);

  return ({ method, path, ...request }) => {
    if (path === '') return proxyPage(404, '404 Not Found');
    if (path === '/livez' && world.behavior.livez) return json({ status: 'ok' });
    if (path !== '/api' && !path.startsWith('/api/')) return singlePageApp();

    const route = method === 'GET' ? routes.find((candidate) => candidate.path.test(path)) : undefined;
    if (!route) return noSuchEndpoint();
    if (route.for !== 'anyone' && !request.caller) return unauthenticated();
    if (route.for === 'superusers' && !request.caller?.isSuperuser) return forbidden();
    const id = Number(route.path.exec(path)?.[1] ?? 0);
    return route.answer({ ...instance, ...request, directory, groupFacts, id });
  };
}
