import { type Answer, invalid, text } from '../answers.ts';
import type { ListFilter } from '../directory.ts';
import type { Behavior } from '../versions.ts';

export type Paging = { limit: number | null; offset: number | null };

/** Offset alone means fifty rows, limit alone means from the start, neither means everything. */
export function pagingOf(query: URLSearchParams, behavior: Behavior): Paging | Answer {
  const limit = wholeNumber(query.get('limit'));
  const offset = wholeNumber(query.get('offset'));
  for (const [name, value] of [
    ['limit', limit],
    ['offset', offset],
  ] as const) {
    if (value === 'unreadable' && behavior.rejectsUnreadableLimit) {
      return invalid(name, 'a nullable integer of zero or more', query.get(name) ?? '');
    }
  }
  // Newer releases take an unreadable number for none (PR 81849).
  const readable = (value: number | 'unreadable' | null): number | null =>
    value === 'unreadable' ? null : value;
  const [from, count] = [readable(offset), readable(limit)];
  if (from === null && count === null) return { limit: null, offset: null };
  return { limit: count ?? 50, offset: from ?? 0 };
}

export function listFilterOf(
  query: URLSearchParams,
  behavior: Behavior,
  dropped: number,
): ListFilter | Answer {
  const groupId = wholeNumber(query.get('group_id'));
  if (groupId === 'unreadable' || groupId === 0) {
    return invalid('group_id', 'a nullable integer greater than zero', query.get('group_id') ?? '');
  }
  const tenancy = behavior.tenants ? tenancyOf(query) : { tenancy: 'all' as const };
  if ('status' in tenancy) return tenancy;
  const sought = query.get('query');
  const analyst = behavior.dataAnalysts ? query.get('is_data_analyst') : null;
  return {
    status: statusOf(query),
    ...tenancy,
    ...(groupId !== null && { groupId }),
    ...(sought !== null && sought !== '' && { query: sought }),
    ...(analyst !== null && { isDataAnalyst: analyst === 'true' }),
    dropped,
  };
}

/** A typing error means active, without a word; include_deactivated wins although the docs say otherwise. */
function statusOf(query: URLSearchParams): ListFilter['status'] {
  if (query.get('include_deactivated') === 'true') return 'all';
  const status = query.get('status');
  return status === 'all' || status === 'deactivated' ? status : 'active';
}

function tenancyOf(query: URLSearchParams): Pick<ListFilter, 'tenancy' | 'tenantId'> | Answer {
  const tenancy = query.get('tenancy');
  const tenant = query.get('tenant_id');
  if (tenancy !== null && tenant !== null)
    return text(400, 'You cannot specify both `tenancy` and `tenant_id`');
  const tenantId = wholeNumber(tenant);
  if (tenantId === 'unreadable')
    return invalid('tenant_id', 'a nullable integer greater than zero', tenant ?? '');
  if (tenantId !== null) return { tenancy: 'all', tenantId };
  if (tenancy === null) return { tenancy: 'internal' };
  if (tenancy === 'all' || tenancy === 'internal' || tenancy === 'external') return { tenancy };
  return invalid('tenancy', 'one of all, internal, external', tenancy);
}

function wholeNumber(value: string | null): number | 'unreadable' | null {
  if (value === null || value === '') return null;
  return /^\d{1,9}$/.test(value) ? Number(value) : 'unreadable';
}

/** Answers have a numeric status; filters have one in words. */
export const isAnswer = (value: object): value is Answer => 'contentType' in value;
