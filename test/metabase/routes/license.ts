import { type Answer, exception, failure, json, noSuchEndpoint, notFound } from '../answers.ts';
import type { World } from '../world.ts';
import type { Call, Route } from './call.ts';

export const licenseRoutes: Route[] = [
  { path: /^\/api\/premium-features\/token\/status$/, for: 'superusers', answer: showTokenStatus },
  { path: /^\/api\/ee\/billing$/, for: 'anyone', answer: showBilling },
  { path: /^\/api\/ee\/.*$/, for: 'anyone', answer: refusePaidFeature },
];

function showTokenStatus({ world, faults }: Call): Answer {
  if (faults.tokenStatusDown) return failure(500);
  return world.license.token === null ? notFound() : json(world.license.token);
}

/** English labels for people. The store is asked with the caller's e-mail, which no key has: null content. */
function showBilling({ world, caller }: Call): Answer {
  if (world.license.edition === 'oss') return noSuchEndpoint();
  if (!caller) return failure(401);
  const { token, isAirgapped } = world.license;
  if (token === null) return exception();
  if (!isAirgapped) return json({ version: 'v1', content: null });
  const limit = token['max-users'];
  if (limit === undefined) return exception();
  const row = (name: string, value: number | string) => {
    return { name, value, format: typeof value === 'number' ? 'integer' : 'string', display: 'value' };
  };
  return json({
    version: 'v1',
    content: [
      row('Users included in your plan', limit),
      row('Users available', limit - world.countActivePeople()),
      row('Token expiration date', 'January 31, 2027'),
      row('Plan', 'Enterprise Airgap'),
    ],
  });
}

/** The open-source build has no such routes, not even for someone unknown. */
function refusePaidFeature({ world, caller }: Call): Answer {
  if (world.license.edition === 'oss') return noSuchEndpoint();
  if (!caller) return failure(401);
  if (licensesEverything(world)) return noSuchEndpoint();
  const message = 'This is a paid feature not currently available to your instance.';
  return json({ message, status: 'error-premium-feature-not-available' }, 402);
}

const licensesEverything = (world: World): boolean => world.hasFeature('advanced-permissions');
