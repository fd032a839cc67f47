/** Runs in a worker thread, so that the CDK neither prints to the terminal nor stays in memory. */
import { workerData } from 'node:worker_threads';
import { createApp } from '../app.ts';

const { outdir, context }: { outdir: string; context: Record<string, unknown> } = workerData;
createApp({ outdir, context }).synth();
