import { Failure } from '#shared/domain/errors.ts';

/** The connection ended in the middle of a body: worth another try, unlike a body that makes no sense. */
export class BrokenOff extends Error {}

/** By the codes of Node and OpenSSL: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const tlsCauses: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired. Renew the certificate',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet. Correct the clock of the server or wait',
  CERT_REVOKED: 'its certificate was revoked. Install a new certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned('is self-signed'),
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned('was issued by a private authority'),
  UNABLE_TO_GET_ISSUER_CERT: incompleteChain(),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: incompleteChain(),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: incompleteChain(),
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate was issued for another host name. Type the host name that the certificate is for, or install the right one',
};

function selfSigned(how: string): string {
  return `its certificate ${how}, which nobody outside can verify. Install a certificate of a public authority`;
}

function incompleteChain(): string {
  return 'its certificate cannot be traced to a known authority. Install the certificate together with the intermediate ones';
}

/** Turns what a socket throws into a sentence. Codes decide; the texts of Node and OpenSSL change. */
export function networkFailure(error: unknown, url: URL): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const cause = { cause: briefly(error, code) };
  const host = url.host;

  if (code === 'ENOTFOUND' || code === 'ENODATA' || code.startsWith('EAI_')) {
    const sentence = `The name ${url.hostname} cannot be found. Check its spelling, and that it is in the public DNS.`;
    return new Failure('name_not_resolved', sentence, cause);
  }
  if (code === 'ETIMEDOUT') {
    const sentence = `No connection to ${host} came about in time. Check the address and the firewall in front of it.`;
    return new Failure('timed_out', sentence, cause);
  }
  const tlsCause = tlsCauses[code] ?? (isTlsCode(code) ? noTls(code) : null);
  if (tlsCause !== null) {
    return new Failure('tls_failed', `No secure connection to ${host}: ${tlsCause}.`, cause);
  }
  if (code.startsWith('HPE_')) {
    const sentence = `${host} does not answer in HTTP. Check the host and the port of the instance URL.`;
    return new Failure('response_invalid', sentence, cause);
  }
  const what = code === 'ECONNREFUSED' ? 'refused the connection' : 'cannot be reached';
  const sentence = `${host} ${what} (${code}). Check that the instance runs, and that the address, the port and the firewall let this service in.`;
  return new Failure('connection_failed', sentence, cause);
}

function isTlsCode(code: string): boolean {
  return code === 'EPROTO' || /^(CERT_|CRL_|ERR_SSL_|ERR_TLS_|UNABLE_TO_)/.test(code);
}

function noTls(code: string): string {
  return `the TLS handshake failed (${code}). Check that the port speaks https, with TLS 1.2 or newer`;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

/** For the log: a certificate error of Node carries the whole certificate with it. */
function briefly(error: unknown, code: string): Error {
  return new Error(`${code}: ${error instanceof Error ? error.message.slice(0, 200) : 'not an error'}`);
}

export function timedOut(url: URL, timeoutMs: number): Failure {
  return new Failure(
    'timed_out',
    `${url.host} did not answer within ${timeoutMs / 1000} seconds. Check that the instance is reachable and not overloaded.`,
  );
}

/** Whoever gave the signal knows best why it ended. */
export function abandoned(signal: AbortSignal): Failure {
  if (signal.reason instanceof Failure) return signal.reason;
  return new Failure(
    'timed_out',
    'Reading the instance took longer than one sync may take. If that stays, look at how fast the instance answers.',
    { cause: signal.reason },
  );
}
