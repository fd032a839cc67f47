import type { Table } from '#shared/aws/table.ts';

type Send = (...args: unknown[]) => Promise<unknown>;

/** The table, with something happening just before the first write of this kind of command reaches it. */
export function interruptedBefore(command: string, table: Table, happens: () => Promise<unknown>): Table {
  let happened = false;
  return sendingBy(table, async (send, ...args) => {
    if (!happened && args[0]?.constructor.name === command) {
      happened = true;
      await happens();
    }
    return send(...args);
  });
}

/** The table as seen by a client whose every first answer gets lost, so that it asks again. */
export function losingAnswers(table: Table): Table {
  return sendingBy(table, async (send, ...args) => {
    await send(...args);
    return send(...args);
  });
}

function sendingBy(
  { client, tableName }: Table,
  how: (send: Send, ...args: object[]) => Promise<unknown>,
): Table {
  const send = client.send.bind(client) as unknown as Send;
  const value = (...args: object[]) => how(send, ...args);
  return { client: Object.create(client, { send: { value } }), tableName };
}
