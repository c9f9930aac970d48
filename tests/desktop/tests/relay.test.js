// What can stand where a relay should: nobody, a web page, a wrong certificate, an old relay, one that says nothing. The window says which,
// to somebody who comes and to somebody who was there before.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { World } from "../../browser/harness.js";
import { freePort, startDesktop, until } from "../app.js";
import { DesktopPerson } from "../person.js";

let world, desktop, folder, ada, clara;
const servers = [];

before(async () => {
  world = await World.open();
  desktop = await startDesktop();
  folder = mkdtempSync(join(tmpdir(), "confab-desktop-"));
  ada = new DesktopPerson(desktop, join(folder, "ada"), "Ada");
  await ada.open();
  await ada.agree();
});

after(async () => {
  await ada?.app?.close();
  await desktop?.stop();
  await world?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function serve(server, port = 0) {
  servers.push(server);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

const page = (_request, answer) => answer.end("<!doctype html><title>Hotel</title><h1>Log in to the hotel's network</h1>");

function certificate() {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test("whoever types an address is told what is wrong with it, and nothing is kept of it", async () => {
  const health = (body) => createServer((_request, answer) => answer.end(JSON.stringify(body)));
  const cases = [
    ["a b", "That is no address of a relay"],
    [`http://127.0.0.1:${await freePort()}`, "cannot be reached"],
    [`http://127.0.0.1:${await serve(createServer(page))}`, "not a Confab relay"],
    [`https://localhost:${await serve(createTlsServer(certificate(), page))}`, "certificate that this device does not trust"],
    [`http://127.0.0.1:${await serve(health({ status: "ok", version: "0.0.1" }))}`, "The relay there is too old"],
    [`http://127.0.0.1:${await serve(health({ status: "ok", version: "9.0", protocols: ["confab.v9"] }))}`, "This app is too old"],
  ];
  for (const [address, words] of cases) {
    await ada.app.clear("welcome-address");
    await ada.app.type("welcome-address", address);
    await ada.app.click("welcome-submit");
    await ada.app.find("welcome-problem", words);
    if (address.startsWith("https")) await ada.app.shot("desktop-wrong-certificate");
  }
  assert.equal(await ada.app.has("auth-screen"), false);
  await ada.app.clear("welcome-address");
  await ada.register(world.relay.url);
});

test("a web page where the relay was is called one, what is written waits, and goes once the relay is back", async () => {
  clara = await world.person("Clara");
  await clara.writeTo({ username: "ada", name: "Ada" });
  await clara.send("hello");
  await ada.openConversation("Clara");
  await ada.sees("hello");
  await world.relay.stop();
  const hotel = createServer(page);
  await serve(hotel, world.relay.port);
  await ada.app.find("status-connection");
  await ada.send("from the hotel");
  // Started anew it has nothing but a refresh token, which the hotel must not get it to drop.
  await ada.app.close();
  await ada.open();
  await ada.app.find("status-connection", "not a Confab relay");
  await ada.openConversation("Clara");
  await ada.sees("from the hotel");
  await ada.app.shot("desktop-hotel");
  hotel.closeAllConnections();
  hotel.close();
  await once(hotel, "close");
  await world.relay.start();
  await ada.app.click("status-retry");
  await clara.sees("from the hotel");
  await until("it is sent", async () => !(await ada.app.has("status-connection")));
  assert.equal(await clara.message("from the hotel").count(), 1);
});

test("a relay that takes connections and says nothing keeps nobody from reading, writing and leaving", async () => {
  await world.relay.stop();
  const mute = createServer(() => undefined);
  await serve(mute, world.relay.port);
  await ada.app.close();
  await ada.open();
  await ada.openConversation("Clara");
  await ada.sees("from the hotel");
  await ada.send("to whom it may concern");
  await ada.app.find("status-connection", "Connecting");
  mute.closeAllConnections();
  mute.close();
  await once(mute, "close");
  await world.relay.start();
  // Whether it waits for an answer or between two tries, "try now" helps.
  await ada.app.script("document.querySelector('[data-testid=status-retry]')?.click()");
  await clara.sees("to whom it may concern");
});
