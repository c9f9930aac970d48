// A relay whose web client can become another version at a word, for tests of updates: a proxy before the real relay
// that changes nothing but the version named in its service worker.
import { createServer, request } from "node:http";
import { connect } from "node:net";

export class Versions {
  static async before(relay) {
    const versions = new Versions();
    versions.suffix = null;
    versions.sockets = new Set();
    versions.server = createServer((asked, answer) => versions.#pass(relay, asked, answer));
    // Those of WebSockets are no longer the server's to close.
    versions.server.on("connection", (socket) => {
      versions.sockets.add(socket);
      socket.once("close", () => versions.sockets.delete(socket));
    });
    versions.server.on("upgrade", (asked, socket, head) => {
      const onward = connect(relay.port, "127.0.0.1", () => {
        const lines = asked.rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${asked.rawHeaders[i + 1]}`] : []));
        onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [socket, onward]) end.on("error", () => (socket.destroy(), onward.destroy()));
    });
    await new Promise((done) => versions.server.listen(0, "127.0.0.1", done));
    versions.url = `http://localhost:${versions.server.address().port}`;
    return versions;
  }

  #pass(relay, asked, answer) {
    const headers = { ...asked.headers };
    const changed = asked.url === "/sw.js" && this.suffix !== null;
    if (changed) for (const name of ["accept-encoding", "if-none-match", "if-modified-since"]) delete headers[name];
    const onward = request({ port: relay.port, path: asked.url, method: asked.method, headers }, (got) => {
      if (!changed) {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
        return;
      }
      let text = "";
      got.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => {
        const other = text.replace(/(["']?version["']?:\s*["'`])([0-9a-f]{8})/, (_, head) => head + this.suffix);
        const { etag, ...rest } = got.headers;
        answer.writeHead(200, { ...rest, "content-length": Buffer.byteLength(other) }).end(other);
        this.served = other !== text;
      });
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  }

  /** From now on there is another version. */
  release() {
    this.suffix = "0badc0de";
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
