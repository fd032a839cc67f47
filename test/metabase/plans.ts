import type { Behavior } from './versions.ts';

export const plans = [
  'oss',
  'unlicensed-ee',
  'starter',
  'pro-cloud',
  'pro-self-hosted',
  'enterprise-airgap',
  'expired',
  'store-timeout',
] as const;

export type Plan = (typeof plans)[number];

/** As the store answers it: kebab-case, and only the first two always there. */
type TokenStatus = {
  valid: boolean;
  status: string;
  'error-details'?: string | null;
  trial?: boolean;
  'valid-thru'?: string;
  'plan-alias'?: string;
  features?: string[];
  'max-users'?: number;
  company?: string;
  'store-users'?: { email: string }[] | null;
  quotas?: Record<string, unknown>[];
};

export type License = {
  edition: 'oss' | 'ee';
  isHosted: boolean;
  isAirgapped: boolean;
  /** null: no token, which is the normal state of an open-source instance. */
  token: TokenStatus | null;
};

const validThru = '2027-01-31T12:00:00Z';

function proFeatures(behavior: Behavior): string[] {
  const features = [
    'audit-app',
    'advanced-permissions',
    'content-verification',
    'email-allow-list',
    'sandboxes',
    'serialization',
    'sso-google',
    'sso-jwt',
    'sso-ldap',
    'sso-saml',
    'whitelabel',
  ];
  if (behavior.scim) features.push('scim');
  if (behavior.tenants) features.push('tenants');
  return features;
}

/** Air-gapped tokens are the only ones that carry a limit; it leaves a fifth of room above `users`. */
export function licenseOf(plan: Plan, behavior: Behavior, users: number): License {
  const hosted = plan === 'starter' || plan === 'pro-cloud';
  const license = {
    edition: plan === 'oss' ? 'oss' : 'ee',
    isHosted: hosted,
    isAirgapped: plan === 'enterprise-airgap',
  } as const;

  if (plan === 'oss' || plan === 'unlicensed-ee') return { ...license, token: null };
  if (plan === 'expired') {
    return {
      ...license,
      token: {
        valid: false,
        status: 'past-due',
        trial: false,
        'valid-thru': '2026-06-30T12:00:00Z',
        features: [],
      },
    };
  }
  if (plan === 'store-timeout') {
    return {
      ...license,
      token: {
        valid: false,
        status: 'Unable to validate token',
        'error-details': 'Token validation timed out.',
      },
    };
  }

  const features = plan === 'starter' ? ['no-upsell'] : proFeatures(behavior);
  // metabase-store-managed has no counterpart in the public token-features map (issue 48355).
  if (hosted) features.push('hosting', 'metabase-store-managed');
  const token: TokenStatus = {
    valid: true,
    status: 'Token is valid.',
    trial: false,
    'valid-thru': validThru,
    features,
  };
  if (behavior.planAlias) token['plan-alias'] = plan;
  if (plan === 'enterprise-airgap' && behavior.airgapLimits) {
    token['max-users'] = Math.max(10, Math.ceil((users * 1.2) / 10) * 10);
    token.company = 'Northwind';
  }
  if (behavior.storeUsers)
    token['store-users'] = license.isAirgapped ? null : [{ email: 'billing@northwind.example' }];
  if (behavior.quotas) token.quotas = [{}];
  return { ...license, token };
}

/** Group managers need advanced permissions; a lapsed license leaves the rows of those once appointed. */
export function knowsGroupManagers(plan: Plan): boolean {
  return !['oss', 'unlicensed-ee', 'starter'].includes(plan);
}
