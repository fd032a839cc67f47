import * as z from 'zod';
import { apiKeySchema } from '#shared/domain/connection.ts';
import { parseInput } from '#shared/lambda/explain.ts';
import { connectionKeyOf, serveHttp } from '#shared/lambda/http.ts';
import { presentConnection } from '#shared/lambda/present-connection.ts';
import type { Telemetry } from '#shared/lambda/telemetry.ts';
import { type ConnectPorts, connectInstance, replaceCredential } from '#shared/use-cases/connect-instance.ts';
import { disconnectInstance } from '#shared/use-cases/disconnect-instance.ts';
import type { SnapshotPurger } from '#shared/use-cases/ports.ts';
import { requestSync } from '#shared/use-cases/request-sync.ts';

interface ConnectDeps extends ConnectPorts {
  readonly snapshots: SnapshotPurger;
  readonly telemetry: Telemetry;
  readonly tenantClaim: string;
  readonly manualSyncMinMs: number;
}

const connectBody = z.strictObject({
  instanceUrl: z.string().max(2048),
  apiKey: apiKeySchema,
  name: z.string().trim().min(1).max(200).optional(),
});
const credentialBody = z.strictObject({ apiKey: apiKeySchema });
const disconnectQuery = z.strictObject({ purge: z.stringbool().default(false) });

export function createConnectHandler(deps: ConnectDeps) {
  return serveHttp(
    {
      'POST /v1/connections': async ({ tenantId, body, signal }) => {
        const input = parseInput(connectBody, body);
        const { connection, created } = await connectInstance(deps, { tenantId, ...input }, signal);
        const location = `/v1/connections/${connection.connectionId}`;
        return { status: created ? 201 : 200, body: presentConnection(connection), headers: { location } };
      },
      'PUT /v1/connections/{connectionId}/credential': async (request) => {
        const { apiKey } = parseInput(credentialBody, request.body);
        const connection = await replaceCredential(deps, connectionKeyOf(request), apiKey, request.signal);
        return { status: 200, body: presentConnection(connection) };
      },
      'POST /v1/connections/{connectionId}/sync': async (request) => {
        const connection = await requestSync(deps, connectionKeyOf(request), deps.manualSyncMinMs);
        return { status: 202, body: presentConnection(connection) };
      },
      'DELETE /v1/connections/{connectionId}': async (request) => {
        const { purge } = parseInput(disconnectQuery, request.query);
        await disconnectInstance(deps, connectionKeyOf(request), { purge }, request.signal);
        return { status: 204 };
      },
    },
    deps,
  );
}
