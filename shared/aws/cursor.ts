import * as z from 'zod';
import { Failure } from '#shared/domain/errors.ts';
import { isPublished, type View } from '#shared/domain/versioned-row.ts';

const cursorSchema = z.object({ after: z.int().nonnegative(), version: z.int().positive() });

/** Where the next page begins, and which version it shows: a list must not change under its reader. */
export type Cursor = z.infer<typeof cursorSchema>;

export function encodeCursor({ after, version }: Cursor): string {
  return Buffer.from(JSON.stringify({ after, version })).toString('base64url');
}

/**
 * Only a version that `view` shows may be asked for, so nobody reads ahead with a cursor that they made up.
 *
 * @throws Failure `malformed_request`
 */
export function decodeCursor(text: string, view: View): Cursor {
  const cursor = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (!cursor.success || !isPublished(cursor.data.version, view)) {
    throw new Failure(
      'malformed_request',
      'The cursor is not valid. Use the one that came with the page before, or leave it out to start again.',
    );
  }
  return cursor.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
