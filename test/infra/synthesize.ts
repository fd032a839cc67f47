import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../infra/app.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is free-form JSON, and assertions say what they expect of it
export type Properties = Record<string, any>;

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
  readonly attributes: Properties;
}

export interface Synthesized {
  readonly outputs: Properties;
  readonly warnings: string[];
  /** Where the construct of a resource stands in the stack, as in `Storage/Connections`. */
  pathOf(id: string): string | undefined;
  all(type: string): Resource[];
  /** The one of its type, or the one whose construct path ends so. */
  one(type: string, pathEnd?: string): Resource;
}

/** The template as deployed, without bundling and after cdk-nag; throws what `cdk synth` would complain about. */
export function synthesize(context: Record<string, unknown> = {}): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'synthesize-'));
  try {
    const app = createApp({
      outdir,
      bundle: false,
      context: { 'aws:cdk:enable-path-metadata': true, ...context },
    });
    const stack = app.synth().stacks[0];
    if (!stack) throw new Error('the app has no stack');
    const template = JSON.parse(readFileSync(stack.templateFullPath, 'utf8')) as Properties;
    const resources = Object.entries(template.Resources as Record<string, Properties>).map(
      ([id, { Type, Properties, ...attributes }]) => ({
        id,
        type: Type as string,
        properties: Properties ?? {},
        attributes,
      }),
    );
    const pathOf = (id: string) =>
      template.Resources[id]?.Metadata['aws:cdk:path'].split('/').slice(1, -1).join('/');
    const all = (type: string) => resources.filter((resource) => resource.type === type);
    return {
      outputs: template.Outputs,
      warnings: stack.messages
        .filter(({ level }) => level === 'warning')
        .map(({ entry }) => String(entry.data)),
      pathOf,
      all,
      one(type, pathEnd = '') {
        const found = all(type).filter(({ id }) => pathOf(id)?.endsWith(pathEnd));
        const [only] = found;
        if (!only || found.length > 1) throw new Error(`${found.length} resources ${type} ${pathEnd}`);
        return only;
      },
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export const functionPaths = {
  connect: 'Functions/Connect',
  read: 'Functions/Read',
  dispatch: 'Functions/Dispatch',
  sync: 'Functions/Sync',
  resync: 'Functions/Resync',
} as const;

export function functionOf(stack: Synthesized, name: keyof typeof functionPaths): Resource {
  return stack.one('AWS::Lambda::Function', `${functionPaths[name]}/Function`);
}

/** An intrinsic as one readable text: references by the construct they point to. */
export function readable(value: unknown, stack: Synthesized): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as Properties;
  if (intrinsic.Ref) return stack.pathOf(intrinsic.Ref) ?? intrinsic.Ref;
  if (intrinsic['Fn::GetAtt']) return stack.pathOf(intrinsic['Fn::GetAtt'][0]) ?? '?';
  const [separator, parts] = intrinsic['Fn::Join'];
  return parts.map((part: unknown) => readable(part, stack)).join(separator);
}
