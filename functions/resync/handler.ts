import middy from '@middy/core';
import * as z from 'zod';
import { connectionIdSchema } from '#shared/domain/connection.ts';
import { asFailure, type FailureCode } from '#shared/domain/errors.ts';
import { tenantIdSchema } from '#shared/domain/tenant.ts';
import { type RemainingTime, withDeadline } from '#shared/lambda/deadline.ts';
import { parseInput } from '#shared/lambda/explain.ts';
import { redact } from '#shared/lambda/redact.ts';
import { reportOutcome } from '#shared/lambda/report-outcome.ts';
import type { Telemetry } from '#shared/lambda/telemetry.ts';
import { type ResyncPorts, type ResyncResult, requestResync } from '#shared/use-cases/request-resync.ts';
import { type SyncPorts, type SyncSettings, syncConnection } from '#shared/use-cases/sync-connection.ts';

interface ResyncDeps extends Omit<ResyncPorts, 'sync'>, SyncPorts {
  readonly settings: SyncSettings;
  readonly telemetry: Telemetry;
}

const resyncEvent = z
  .strictObject({
    tenantId: tenantIdSchema,
    connectionId: connectionIdSchema.optional(),
    requestedBy: z.string().trim().min(1).max(200),
    reason: z.string().trim().min(1).max(500),
    wait: z.boolean().default(false),
    confirmShrink: z.boolean().default(false),
  })
  .refine(({ connectionId, confirmShrink }) => !confirmShrink || connectionId !== undefined, {
    path: ['connectionId'],
    error: 'is needed with confirmShrink, so that no other connection loses its accounts',
  });

export type ResyncAnswer =
  | { readonly results: ResyncResult[] }
  | { readonly error: { readonly code: FailureCode; readonly message: string } };

const reserveMs = 10_000;

export function createResyncHandler(deps: ResyncDeps) {
  const { telemetry, settings } = deps;
  return middy<unknown, ResyncAnswer>().handler(async (event, context): Promise<ResyncAnswer> => {
    try {
      const request = parseInput(resyncEvent, event);
      const { tenantId, connectionId, requestedBy, reason } = request;
      telemetry.info('Resync requested', { tenantId, connectionId, requestedBy, reason });
      const results = await withDeadline(context as RemainingTime, reserveMs, (signal) =>
        requestResync(
          {
            ...deps,
            sync: async (message) => {
              const outcome = await syncConnection(deps, settings, message, signal);
              reportOutcome(telemetry, message, outcome);
              return outcome;
            },
          },
          request,
        ),
      );
      return { results };
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === 'unexpected') telemetry.error('Resync broke', failure);
      return { error: { code: failure.code, message: redact(failure.message) } };
    } finally {
      telemetry.flush();
    }
  });
}
