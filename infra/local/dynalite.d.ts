declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** The folder of the LevelDB store; in memory when it is missing. */
    path?: string | undefined;
    /** How long tables stay in the state CREATING. */
    createTableMs?: number;
  }
  export default function dynalite(options?: DynaliteOptions): Server;
}
