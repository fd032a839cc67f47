/** Every Metabase API key begins with `mb_`, so a key is found by value wherever it stands. */
const apiKey = /mb_[^\s"'<>\\]{6,}/g;

/** Takes API keys out of a text that goes to a log or to a caller. */
export function redact(text: string): string {
  return text.replace(apiKey, 'mb_[redacted]');
}
