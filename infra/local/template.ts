import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const region = 'us-east-1';
export const accountId = '000000000000';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** A resource as the pieces of the local run see it: every intrinsic function is replaced by its local value. */
export interface ResolvedResource {
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Assembly {
  readonly template: Template;
  /** The folder of a file asset, by the key under which it would be uploaded. */
  assetFolder(s3Key: string): string;
}

interface Manifest {
  readonly artifacts: Record<string, { type: string; properties?: { templateFile?: string } }>;
}
interface Assets {
  readonly files: Record<string, { source: { path: string } }>;
}

/** Reads the stack of the cloud assembly that the CDK wrote to `folder`. */
export function readAssembly(folder: string): Assembly {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { artifacts }: Manifest = read('manifest.json');
  const stack = Object.values(artifacts).find(({ type }) => type === 'aws:cloudformation:stack');
  const templateFile = stack?.properties?.templateFile;
  if (templateFile === undefined) throw new Error(`There is no stack in the assembly in ${folder}`);
  const { files }: Assets = read(templateFile.replace(/\.template\.json$/, '.assets.json'));
  return {
    template: read(templateFile),
    assetFolder(s3Key) {
      const hash = s3Key.split('/').at(-1)?.split('.')[0] ?? '';
      const path = files[hash]?.source.path;
      if (path === undefined) throw new Error(`The assembly in ${folder} has no asset ${s3Key}`);
      return join(folder, path);
    },
  };
}

/** What a resource answers to `Ref` and `Fn::GetAtt`; undefined falls back to a made-up value. */
export type LocalValues = (
  logicalId: string,
  resource: Resource,
  attribute: string | null,
) => string | undefined;

const pseudoParameters: Record<string, string> = {
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/local/0`,
  'AWS::StackName': 'local',
  'AWS::URLSuffix': 'amazonaws.com',
};
const noValue = Symbol('AWS::NoValue');

/** Gives all resources of a type, resolved. Throws for an intrinsic function that has no local meaning. */
export function createResolver(template: Template, localValues: LocalValues) {
  function lookUp(logicalId: string, attribute: string | null): unknown {
    const resource = template.Resources[logicalId];
    if (!resource) {
      const parameter = template.Parameters?.[logicalId]?.Default;
      if (parameter !== undefined && attribute === null) return parameter;
      throw new Error(`The template refers to ${logicalId}, which it does not define`);
    }
    const local = localValues(logicalId, resource, attribute);
    if (local !== undefined) return local;
    if (attribute === null) return logicalId;
    const made = `${logicalId}.${attribute}`;
    return attribute === 'Arn' ? `arn:aws:local:${region}:${accountId}:${made}` : made;
  }

  function ref(name: string): unknown {
    return name === 'AWS::NoValue' ? noValue : (pseudoParameters[name] ?? lookUp(name, null));
  }

  function substitute(text: string, values: Record<string, unknown>): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in values) return String(resolve(values[name]));
      const [logicalId = '', ...attribute] = name.split('.');
      return String(attribute.length > 0 ? lookUp(logicalId, attribute.join('.')) : ref(name));
    });
  }

  const intrinsics: Record<string, (argument: never) => unknown> = {
    Ref: (name: string) => ref(name),
    'Fn::GetAtt': (argument: string | [string, string]) => {
      const [logicalId = '', ...attribute] = typeof argument === 'string' ? argument.split('.') : argument;
      return lookUp(logicalId, attribute.join('.'));
    },
    'Fn::Join': ([separator, parts]: [string, unknown]) => (resolve(parts) as unknown[]).join(separator),
    'Fn::Split': ([separator, text]: [string, unknown]) => String(resolve(text)).split(separator),
    'Fn::Select': ([index, list]: [number | string, unknown]) => (resolve(list) as unknown[])[Number(index)],
    'Fn::Sub': (argument: string | [string, Record<string, unknown>]) =>
      typeof argument === 'string' ? substitute(argument, {}) : substitute(...argument),
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== noValue);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      const intrinsic = intrinsics[name];
      if (!intrinsic) throw new Error(`The local run does not know the intrinsic function ${name}`);
      return intrinsic(argument as never);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)]).filter(([, item]) => item !== noValue),
    );
  }

  return {
    resolve,
    /** What the stack tells its operator. */
    output(name: string): string {
      const output = template.Outputs?.[name];
      if (!output) throw new Error(`The template has no output ${name}`);
      return String(resolve(output.Value));
    },
    resourcesOf(type: string): ResolvedResource[] {
      return Object.entries(template.Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([logicalId, { Properties = {} }]) => ({
          logicalId,
          properties: resolve(Properties) as Record<string, unknown>,
        }));
    },
  };
}
export type Resolver = ReturnType<typeof createResolver>;
