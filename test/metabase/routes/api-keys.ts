import { json } from '../answers.ts';
import { commonName } from '../rows.ts';
import type { ApiKey, World } from '../world.ts';
import type { Route } from './call.ts';

export const apiKeyRoutes: Route[] = [
  {
    path: /^\/api\/api-key$/,
    for: 'superusers',
    answer: ({ world }) => json(listedKeys(world).map((key) => keyRow(key, world))),
  },
  {
    path: /^\/api\/api-key\/count$/,
    for: 'superusers',
    answer: ({ world }) => json(listedKeys(world).length),
  },
];

const listedKeys = (world: World): ApiKey[] => [...world.keys.values()].filter((key) => key.scope === null);

function keyRow(key: ApiKey, world: World) {
  const group = world.groups.get(key.groupId);
  const creator = world.people.get(1);
  return {
    id: key.id,
    name: key.name,
    masked_key: `${key.secret.slice(0, 7)}${'*'.repeat(40)}`,
    group: group && { id: group.id, name: world.displayName(group) },
    created_at: key.createdAt,
    updated_at: key.createdAt,
    updated_by: creator ? { id: creator.id, common_name: commonName(creator) } : null,
  };
}
