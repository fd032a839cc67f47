import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const maxBytes = 5 * 1024 * 1024;

/** Where a function's output goes: JSON lines in a file, never the terminal. */
export interface FunctionLog {
  follow(...streams: Readable[]): void;
  write(entry: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/** Appends to `file`; a file that grew large is set aside first as `.old`. Without a file the output is dropped. */
export function openFunctionLog(file?: string): FunctionLog {
  if (file === undefined) return { follow: drain, write: () => {}, close: async () => {} };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxBytes) renameSync(file, `${file}.old`);
  const output = createWriteStream(file, { flags: 'a', mode: 0o600 });

  function write(entry: Readonly<Record<string, unknown>>): void {
    if (!output.writableEnded)
      output.write(`${JSON.stringify({ timestamp: new Date().toISOString(), ...entry })}\n`);
  }
  return {
    follow(...streams) {
      for (const stream of streams) {
        createInterface({ input: stream }).on('line', (line) => {
          if (isJsonObject(line) && !output.writableEnded) output.write(`${line}\n`);
          else if (line !== '') write({ level: 'INFO', message: line });
        });
      }
    },
    write,
    close: () => new Promise((resolve) => output.end(resolve)),
  };
}

/** A stream that nobody reads would stop the worker behind it. */
function drain(...streams: Readable[]): void {
  for (const stream of streams) stream.resume();
}

function isJsonObject(line: string): boolean {
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
