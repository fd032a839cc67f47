import type { ResolvedResource, Resolver } from './template.ts';

export interface Schedule {
  readonly targetArn: string;
  readonly everyMs: number;
  /** JSON text, with the placeholders of EventBridge Scheduler. */
  readonly input: string;
}

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A schedule from an `AWS::Scheduler::Schedule` with a rate; null when it is switched off. */
export function readSchedule({ logicalId, properties }: ResolvedResource): Schedule | null {
  if (properties.State === 'DISABLED') return null;
  const [, value, unit = ''] =
    /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(properties.ScheduleExpression)) ?? [];
  const everyMs = Number(value) * (unitMs[unit] ?? Number.NaN);
  if (!(everyMs > 0)) throw new Error(`The local run knows rate(…) only, and ${logicalId} is something else`);
  const { Arn, Input = '{}' } = properties.Target as { Arn: string; Input?: string };
  return { targetArn: Arn, everyMs, input: Input };
}

function scheduledEvent({ input }: Schedule, now: Date): unknown {
  return JSON.parse(input.replaceAll('<aws.scheduler.scheduled-time>', now.toISOString()));
}

export interface Schedules {
  /** Does once, now, what every schedule does at its rate. */
  tick(): Promise<void>;
  /** Ticks at the rate of each schedule from now on. */
  start(): void;
  stop(): void;
}

type FindTarget = (arn: string) => { invoke(event: unknown): Promise<unknown> };

/**
 * The schedules of the template, at rest until `start`. A tick that fails is not repeated: the next one does its work.
 * One that is due while the last one runs is left out.
 */
export function startSchedules(resolver: Resolver, find: FindTarget): Schedules {
  const schedules = resolver
    .resourcesOf('AWS::Scheduler::Schedule')
    .flatMap((each) => readSchedule(each) ?? []);
  const timers: NodeJS.Timeout[] = [];
  const tick = async (schedule: Schedule) => {
    await find(schedule.targetArn).invoke(scheduledEvent(schedule, new Date()));
  };

  function startTimer(schedule: Schedule): NodeJS.Timeout {
    let running = false;
    return setInterval(async () => {
      if (running) return;
      running = true;
      await tick(schedule).catch(() => {});
      running = false;
    }, schedule.everyMs);
  }

  return {
    async tick() {
      for (const schedule of schedules) await tick(schedule);
    },
    start: () => timers.push(...schedules.map(startTimer)),
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
