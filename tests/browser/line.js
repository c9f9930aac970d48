// The wire between one person and the relay: bytes as they are, until it is cut. A browser's emulation of being offline
// does not hold for the sockets of a worker that has just started; nothing gets through a wire that is cut.
import { connect, createServer } from "node:net";

export class Line {
  /** A wire to a port of this machine; `url` is where it begins. */
  static async to(port) {
    const line = new Line();
    line.open = new Set();
    /** How long bytes are on their way, each way, in milliseconds. Of connections to come. */
    line.delay = 0;
    line.there = true;
    const server = createServer((near) => {
      if (!line.there) {
        near.destroy();
        return;
      }
      const far = connect(port, "127.0.0.1");
      for (const [one, other] of [[near, far], [far, near]]) {
        line.open.add(one);
        one.on("close", () => {
          line.open.delete(one);
          other.destroy();
        });
        // A wire that breaks is what it is for.
        one.on("error", () => undefined);
        if (line.delay === 0) one.pipe(other);
        else one.on("data", (bytes) => setTimeout(() => other.write(bytes), line.delay));
      }
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    line.server = server;
    line.url = `http://localhost:${server.address().port}`;
    return line;
  }

  cut() {
    this.there = false;
    for (const socket of this.open) socket.destroy();
  }

  mend() {
    this.there = true;
  }

  close() {
    this.cut();
    this.server.close();
  }
}
