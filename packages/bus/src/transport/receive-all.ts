/** Reads until the socket is closed. Frames already here are taken without a turn of the event loop each. */
export async function receiveAll(
  socket: AsyncIterable<Buffer[]> & { readonly closed: boolean },
  onMessage: (frames: Buffer[]) => void | Promise<void>,
): Promise<void> {
  try {
    for await (const frames of socket) {
      const busy = onMessage(frames);
      if (busy !== undefined) await busy;
    }
  } catch (error) {
    if (!socket.closed) throw error;
  }
}
