import { generateKeyPairSync, sign } from 'node:crypto';

export interface CertificateOptions {
  /** Host names that the certificate is for. */
  readonly names: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const oids = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
};

const hourMs = 3_600_000;

/** A self-signed certificate, made anew for each run so that none lies around and none expires: RFC 5280. */
export function makeCertificate({ names, notBefore, notAfter }: CertificateOptions): {
  cert: string;
  key: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(der(0x06, oids.ecdsaWithSha256));
  const name = sequence(der(0x31, sequence(der(0x06, oids.commonName), der(0x0c, text('Test')))));
  const content = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    algorithm,
    name,
    sequence(
      time(notBefore ?? new Date(Date.now() - hourMs)),
      time(notAfter ?? new Date(Date.now() + hourMs)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(extension(oids.basicConstraints, sequence(der(0x01, [0xff]))), alternativeNames(names)),
    ),
  );
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, algorithm, der(0x03, [0], signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function alternativeNames(names: readonly string[]): Buffer {
  return extension(oids.subjectAltName, sequence(...names.map((name) => der(0x82, text(name)))));
}

function extension(oid: readonly number[], value: Buffer): Buffer {
  return sequence(der(0x06, oid), der(0x04, value));
}

function time(date: Date): Buffer {
  return der(0x18, text(`${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));
}

const text = (value: string): Buffer => Buffer.from(value);
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);

function der(tag: number, ...parts: (Buffer | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
