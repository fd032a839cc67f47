import { type SampleMetabase, startSampleMetabase } from '#test/metabase/server.ts';
import { serve } from './processes.ts';

export type MetabaseQuestion =
  | { readonly kind: 'rename'; readonly share: number }
  | { readonly kind: 'takeRequests' };

export interface StartedMetabase {
  readonly url: string;
  readonly apiKey: string;
}

await serve<{ users: number }, MetabaseQuestion>(async ({ users }) => {
  const sample = await startSampleMetabase({ users });
  await warmUp(sample);
  const started: StartedMetabase = { url: sample.url, apiKey: sample.adminKey };
  return {
    started,
    async answer(question) {
      if (question.kind === 'takeRequests') return takeRequests(sample);
      const renamed = rename(sample, question.share);
      await warmUp(sample);
      return { renamed };
    },
  };
});

/** Renames every so-many-th person, so that the changes are spread over all pages. */
function rename({ world, rename }: SampleMetabase, share: number): number {
  const people = [...world.people.values()].filter(({ type }) => type === 'personal');
  const step = Math.round(1 / share);
  const chosen = people.filter((_, index) => index % step === 0);
  for (const { id } of chosen) rename(id, `Renamed ${world.revision}`);
  return chosen.length;
}

/** After a change the sample sorts everyone and packs the memberships anew: neither is what is measured. */
async function warmUp(sample: SampleMetabase): Promise<void> {
  for (const path of ['/api/user?status=all&tenancy=all&limit=1', '/api/permissions/membership']) {
    const response = await fetch(`${sample.url}${path}`, { headers: { 'x-api-key': sample.adminKey } });
    await response.arrayBuffer();
  }
  sample.resetCounters();
}

/** Paths with their queries, in the order in which they were asked for. */
function takeRequests(sample: SampleMetabase): { paths: string[] } {
  const paths = sample.requests.map(({ path, query }) => {
    const search = new URLSearchParams(query).toString();
    return search === '' ? path : `${path}?${search}`;
  });
  sample.resetCounters();
  return { paths };
}
