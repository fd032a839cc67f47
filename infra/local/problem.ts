/** What went wrong and what to do, as one paragraph for the person at the terminal: no stack trace is shown. */
export class Problem extends Error {
  override readonly name = 'Problem';
}
