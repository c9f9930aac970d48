// A proxy before the relay that lets everything through as it is, but for what a test asks of it: WebSockets can be kept
// out, what comes by them can be held back and is counted, a file can be another one, and files can be added.
import { createServer, request } from "node:http";
import { connect } from "node:net";

export class Front {
  /** By path: what becomes of a file's text. */
  changes = new Map();
  /** By path: `{ type, body }` of files that the relay does not have. They come with the headers of its page. */
  files = new Map();
  /** Bytes that came from the relay by WebSockets, their handshakes included. */
  down = 0;
  #shut = false;
  /** What is held back, in order; `undefined` while nothing is. */
  #held;
  #allowed = 0;
  #connections = new Set();
  #webSockets = new Set();

  /** `url` is where it begins; `host` is the name that a browser calls it by. */
  static async before(relay, host = "localhost") {
    const front = new Front();
    front.relay = relay;
    front.server = createServer((asked, answer) => void front.#serve(asked, answer));
    // Those of WebSockets are no longer the server's to close.
    front.server.on("connection", (socket) => {
      front.#connections.add(socket);
      socket.once("close", () => front.#connections.delete(socket));
    });
    front.server.on("upgrade", (asked, socket, head) => front.#upgrade(asked, socket, head));
    await new Promise((done) => front.server.listen(0, "127.0.0.1", done));
    front.url = `http://${host}:${front.server.address().port}`;
    return front;
  }

  /** Ends all WebSockets and lets none through any more; everything else still comes through. */
  shutWebSockets() {
    this.#shut = true;
    for (const socket of this.#webSockets) socket.destroy();
  }

  openWebSockets() {
    this.#shut = false;
  }

  /** So many bytes more, and nothing comes from the relay by WebSockets, which stay open. */
  hold(bytes = 0) {
    this.#allowed = bytes;
    this.#held ??= [];
  }

  release() {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [socket, bytes] of held) socket.write(bytes);
  }

  #upgrade(asked, socket, head) {
    if (this.#shut) {
      socket.destroy();
      return;
    }
    const onward = connect(this.relay.port, "127.0.0.1", () => {
      const lines = asked.rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${asked.rawHeaders[i + 1]}`] : []));
      onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      onward.on("data", (bytes) => {
        this.down += bytes.length;
        if (this.#held && this.#allowed <= 0) this.#held.push([socket, bytes]);
        else socket.write(bytes);
        this.#allowed -= bytes.length;
      });
      socket.pipe(onward);
    });
    this.#webSockets.add(socket);
    for (const end of [socket, onward]) {
      // A connection that breaks, or is broken here, breaks at both ends.
      end.on("error", () => undefined);
      end.on("close", () => {
        this.#webSockets.delete(socket);
        socket.destroy();
        onward.destroy();
      });
    }
  }

  async #serve(asked, answer) {
    const { pathname } = new URL(asked.url, this.url);
    const file = this.files.get(pathname);
    const change = this.changes.get(pathname);
    const headers = { ...asked.headers };
    if (file || change) for (const name of ["accept-encoding", "if-none-match", "if-modified-since"]) delete headers[name];
    const onward = request({ port: this.relay.port, path: file ? "/" : asked.url, method: asked.method, headers }, async (got) => {
      if (!file && !change) {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
        return;
      }
      const { etag, ...kept } = got.headers;
      const text = await got.setEncoding("utf8").toArray().then((parts) => parts.join(""));
      const body = file ? file.body : change(text);
      if (file) kept["content-type"] = file.type;
      answer.writeHead(200, { ...kept, "content-length": Buffer.byteLength(body) }).end(body);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  }

  async close() {
    for (const socket of this.#connections) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
