// Runs the measuring of tests/measure in workers of Chromium and prints the lines that it tells.
// Usage: node engine.mjs MESSAGES CONVERSATIONS FOLDER-OF-THE-MODULE
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { withNewProfile } from "./profile.mjs";

const [messages, conversations, folder] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];

// One worker makes the cache, another one opens it: as a client does that is started again.
const worker = `
import init, * as measure from "./confab_measure.js";
onmessage = async ({ data: { step, messages, conversations } }) => {
  try {
    await init();
    await measure[step](messages, conversations, (line) => postMessage({ line }));
    postMessage({ done: true });
  } catch (error) {
    postMessage({ failed: String(error?.stack ?? error) });
  }
};`;
const files = {
  "/": ["text/html", () => "<!doctype html><title>measure</title>"],
  "/worker.js": ["text/javascript", () => worker],
  "/confab_measure.js": ["text/javascript", () => readFile(join(folder, "confab_measure.js"))],
  "/confab_measure_bg.wasm": ["application/wasm", () => readFile(join(folder, "confab_measure_bg.wasm"))],
};
const server = createServer(async (request, response) => {
  const [type, body] = files[request.url] ?? [];
  if (!type) return response.writeHead(404).end();
  response.setHeader("content-type", type);
  // Isolated, its clock is exact to 5 µs instead of 100.
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  response.end(await body());
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

try {
  await withNewProfile(async (context) => {
    const page = await context.newPage();
    await page.exposeFunction("say", (line) => console.log(line));
    // OPFS is given to localhost alone of all that is not https.
    await page.goto(`http://localhost:${server.address().port}/`);
    for (const step of ["prepare", "run"]) {
      // What the one wrote must not be on its way to the disk while the other is measured.
      execFileSync("sync");
      const failed = await page.evaluate(
        ([step, messages, conversations]) =>
          new Promise((resolve) => {
            const worker = new Worker("/worker.js", { type: "module" });
            worker.onerror = (event) => resolve(event.message || "the worker does not load");
            worker.onmessage = ({ data }) => {
              if (data.line !== undefined) globalThis.say(data.line);
              else {
                worker.terminate();
                resolve(data.failed);
              }
            };
            worker.postMessage({ step, messages, conversations });
          }),
        [step, messages, conversations],
      );
      if (failed) throw new Error(`${step}: ${failed}`);
    }
  });
} finally {
  server.close();
}
