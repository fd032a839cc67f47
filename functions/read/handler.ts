import * as z from 'zod';
import { roleSchema, statusSchema } from '#shared/domain/user.ts';
import { parseInput } from '#shared/lambda/explain.ts';
import { connectionKeyOf, serveHttp } from '#shared/lambda/http.ts';
import { presentConnection } from '#shared/lambda/present-connection.ts';
import type { Telemetry } from '#shared/lambda/telemetry.ts';
import type { ConnectionReader, SnapshotReader } from '#shared/use-cases/ports.ts';
import { readLicenses, readUsers } from '#shared/use-cases/read-snapshot.ts';

interface ReadDeps {
  readonly connections: ConnectionReader;
  readonly snapshots: SnapshotReader;
  readonly telemetry: Telemetry;
  readonly tenantClaim: string;
}

const usersQuery = z.strictObject({
  status: statusSchema.optional(),
  role: roleSchema.optional(),
  /** 1,000 users are about 600 KB of JSON; a Lambda answer may have 6 MB. */
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(1000).optional(),
});

export function createReadHandler(deps: ReadDeps) {
  return serveHttp(
    {
      'GET /v1/connections': async ({ tenantId }) => {
        const connections = await deps.connections.list(tenantId);
        return { status: 200, body: { connections: connections.map(presentConnection) } };
      },
      'GET /v1/connections/{connectionId}': async (request) => {
        const connection = await deps.connections.get(connectionKeyOf(request));
        return { status: 200, body: presentConnection(connection) };
      },
      'GET /v1/connections/{connectionId}/users': async (request) => {
        const query = parseInput(usersQuery, request.query);
        return { status: 200, body: await readUsers(deps, connectionKeyOf(request), query) };
      },
      'GET /v1/connections/{connectionId}/licenses': async (request) => {
        return { status: 200, body: await readLicenses(deps, connectionKeyOf(request)) };
      },
    },
    deps,
  );
}
