// Runs in a page: two people write a long conversation by the protocol's own socket, a thousand messages each in turn.

/** Makes a group of `people` (what registering answered) and writes so many messages of 10 to 210 characters. */
export async function write({ people, messages }) {
  const uuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(Date.now() / 2 ** (8 * (5 - place)));
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const connect = async (person) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`, "confab.v1");
    const waiting = new Map();
    let last = 0;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      const one = waiting.get(frame.id);
      waiting.delete(frame.id);
      if (frame.error) one?.failed(new Error(frame.error.message));
      else one?.done();
    };
    await new Promise((open, failed) => {
      socket.onopen = open;
      socket.onerror = () => failed(new Error("the socket failed"));
    });
    const ask = (op, body) =>
      new Promise((done, failed) => {
        last += 1;
        waiting.set(last, { done, failed });
        socket.send(JSON.stringify({ id: last, op, body }));
      });
    await ask("hello", { access_token: person.access_token, client: "bench" });
    return { ask, close: () => socket.close() };
  };

  const words = "They will say yes, for nobody can say no to your drawing of the compost with a door in it. ".repeat(3);
  const sockets = await Promise.all(people.map(connect));
  const conversation = uuid();
  await sockets[0].ask("create_group", { command: uuid(), conversation, title: "A long one", members: people.slice(1).map((one) => one.user.id) });
  for (let written = 0; written < messages; ) {
    const { ask } = sockets[Math.floor(written / 1000) % sockets.length];
    const end = Math.min(messages, written + 1000);
    const under = [];
    for (; written < end; written += 1) {
      const text = `Message ${written + 1}: ${words.slice(0, (written * 37) % 200)}`;
      under.push(ask("send", { command: uuid(), conversation, text }));
      if (under.length >= 200) await under.shift();
    }
    await Promise.all(under);
  }
  for (const socket of sockets) socket.close();
}
