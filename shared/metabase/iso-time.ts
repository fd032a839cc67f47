/** As Metabase writes times in most rows; 200,000 of them are the slowest part of a large read if each takes a Date. */
const usual = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;
const general = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Any ISO 8601 time, with 0 to 9 fraction digits, as UTC with milliseconds; a time without a zone is in UTC.
 * Null for what is no time.
 */
export function toIsoTime(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (usual.test(text)) {
    const milliseconds = text.slice(20, -1).padEnd(3, '0').slice(0, 3);
    // Joined, because a template would keep the original text in memory behind it.
    return [text.slice(0, 19), '.', milliseconds, 'Z'].join('');
  }
  const match = general.exec(text);
  if (match === null) return null;
  const zone = match[1];
  const zoned = zone === undefined ? `${text}Z` : zone.length === 3 ? `${text}:00` : text;
  const time = new Date(zoned);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
