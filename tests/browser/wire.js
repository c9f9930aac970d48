// A small client of the protocol, written from docs/protocol.md alone, for what people would take too long to do by hand.
import { createHash, randomBytes } from "node:crypto";
import WebSocket from "ws";

/** RFC 9562, section 5.7. */
export function uuid7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return format(bytes);
}

function format(bytes) {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function directId(a, b) {
  const [low, high] = [a, b].map((id) => Buffer.from(id.replaceAll("-", ""), "hex")).sort(Buffer.compare);
  const digest = createHash("sha256").update("confab direct v1\n").update(low).update(high).digest().subarray(0, 16);
  digest[6] = (digest[6] & 0x0f) | 0x80;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  return format(digest);
}

export class Wire {
  #socket;
  #next = 1;
  #waiting = new Map();
  pushes = [];

  static async register(relay, username, display_name, password) {
    const { status, body } = await relay.post("/api/register", { username, display_name, password });
    if (status !== 201) throw new Error(`register: ${status} ${JSON.stringify(body)}`);
    return await Wire.connect(relay, body);
  }

  static async login(relay, username, password) {
    const { status, body } = await relay.post("/api/login", { username, password });
    if (status !== 200) throw new Error(`login: ${status} ${JSON.stringify(body)}`);
    return await Wire.connect(relay, body);
  }

  static async connect(relay, session) {
    const wire = new Wire();
    wire.session = session;
    wire.user = session.user;
    wire.#socket = new WebSocket(relay.url.replace("http", "ws") + "/ws", "confab.v1");
    await new Promise((done, failed) => wire.#socket.once("open", done).once("error", failed));
    wire.#socket.on("message", (data) => wire.#received(JSON.parse(data.toString())));
    wire.closed = new Promise((done) => wire.#socket.once("close", (code) => done(code)));
    wire.welcome = await wire.ask("hello", { access_token: session.access_token, client: "confab tests" });
    return wire;
  }

  #received(frame) {
    if (frame.push) {
      this.pushes.push(frame);
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.error) waiting?.failed(Object.assign(new Error(frame.error.message), frame.error));
    else waiting?.done(frame.ok);
  }

  ask(op, body = {}) {
    const id = this.#next++;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      this.#socket.send(JSON.stringify({ id, op, body }));
    });
  }

  send(conversation, text, more = {}) {
    return this.ask("send", { command: uuid7(), conversation, text, ...more });
  }

  /** Many messages, a bounded number under way, in order. */
  async sendMany(conversation, texts, more = {}) {
    let after;
    const under = [];
    for (const text of texts) {
      const command = uuid7();
      under.push(this.ask("send", { command, after, conversation, text, ...more }));
      after = command;
      if (under.length >= 64) await under.shift();
    }
    await Promise.all(under);
  }

  close() {
    this.#socket.close();
  }
}
