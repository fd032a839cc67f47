import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { readJsonFile, writeJsonFile } from './json-file.ts';

/** Nobody is asked at this address: the front door is handed the keys. */
export const localIssuer = 'https://issuer.localhost';
export const localAudience = 'metabase-sync-local';
export const localTenantClaim = 'tenant_id';
const lifetimeDays = 365;

export interface TokenIssuer {
  /** The public keys, for those who verify tokens. */
  readonly keys: JWTVerifyGetKey;
  /** A token that lives for a year: it opens nothing but this machine's loopback interface. */
  issueToken(tenantId: string): Promise<string>;
}

const algorithm = 'ES256';

/** Signs tokens with the key pair in `keyFile`, made at the first start, so that tokens outlive a restart. */
export async function openTokenIssuer(keyFile?: string): Promise<TokenIssuer> {
  const privateJwk = ((keyFile && readJsonFile(keyFile)) || (await createKey(keyFile))) as JWK;
  const { d: _, ...publicJwk } = privateJwk;
  const privateKey = await importJWK(privateJwk, algorithm);
  return {
    keys: createLocalJWKSet({ keys: [publicJwk] }),
    issueToken: (tenantId) =>
      new SignJWT({ [localTenantClaim]: tenantId })
        .setProtectedHeader({ alg: algorithm, kid: privateJwk.kid ?? '' })
        .setIssuer(localIssuer)
        .setAudience(localAudience)
        .setSubject(`local-${tenantId}`)
        .setIssuedAt()
        .setExpirationTime(`${lifetimeDays}d`)
        .sign(privateKey),
  };
}

async function createKey(keyFile: string | undefined): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: algorithm, kid: 'local' };
  if (keyFile) writeJsonFile(keyFile, jwk);
  return jwk;
}
