// Starts a server at the port it is known by, or at a free one when another program has that port.
// Promises: any other failure is the caller's to see. Must not: wait for the port.

/** What `startAt` started at `port`; at a free port (0) when `port` is taken. */
export async function atPreferredPort<Server>(
  port: number,
  startAt: (port: number) => Promise<Server>,
): Promise<Server> {
  try {
    return await startAt(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startAt(0);
  }
}
