// Scrolls through a long conversation in Chromium by the gestures of a wheel and prints what it saw as JSON, for each
// way through it: the tasks of the page's main thread that took long, by their CPU time (on a shared machine the clock
// counts others' work too), the time between frames, the most elements in the page, and its memory.
// Usage: node scroll.mjs PORT-OF-THE-RELAY MESSAGES
import { setTimeout as pause } from "node:timers/promises";
import { withNewProfile } from "./profile.mjs";
import { write } from "./write.mjs";

const origin = `http://localhost:${process.argv[2]}`;
const messages = Number(process.argv[3]);
/** Pixels a second, as of a wheel that is turned fast; and how far and how often. */
const [speed, distance, times] = [4000, 10_000, 6];
const longMs = 50;

async function register(context, username, display_name) {
  const data = { username, display_name, password: "correct horse" };
  const answer = await context.request.post(`${origin}/api/register`, { data });
  if (answer.status() !== 201) throw new Error(`register: ${answer.status()} ${await answer.text()}`);
  return await answer.json();
}

/** Notes the frames and how much is in the page, from within it. */
function watch() {
  globalThis.seen = { frames: [], elements: 0 };
  let last = 0;
  const tick = (now) => {
    if (last !== 0) globalThis.seen.frames.push(now - last);
    last = now;
    globalThis.seen.elements = Math.max(globalThis.seen.elements, document.getElementsByTagName("*").length);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

/** The CPU time of each task of the page's main thread while something is done, in milliseconds. */
async function tasksOf(cdp, what) {
  const events = [];
  const take = ({ value }) => events.push(...value);
  cdp.on("Tracing.dataCollected", take);
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "__metadata"], excludedCategories: ["*"] } });
  await what();
  const complete = new Promise((done) => cdp.once("Tracing.tracingComplete", done));
  await cdp.send("Tracing.end");
  await complete;
  cdp.off("Tracing.dataCollected", take);
  const ofMain = new Set(events.filter((one) => one.name === "thread_name" && one.args.name === "CrRendererMain").map((one) => `${one.pid}.${one.tid}`));
  const tasks = events.filter((one) => one.name === "RunTask" && one.tdur !== undefined && ofMain.has(`${one.pid}.${one.tid}`));
  if (tasks.length === 0) throw new Error("Chromium told of no tasks");
  return tasks.map((one) => one.tdur / 1000);
}

const share = (values, part) => [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))];

const size = { viewport: { width: 1180, height: 800 } };
await withNewProfile(async (context) => {
  await context.addInitScript(watch);
  const page = await context.newPage();
  const at = (name) => page.locator(`[data-testid="${name}"]`);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");

  // Everything is written before the client logs in: it comes to a conversation that it knows nothing of.
  await page.goto(origin);
  await at("auth-screen").waitFor();
  const people = [await register(context, "scroll-alice", "Alice"), await register(context, "scroll-bob", "Bob")];
  await page.evaluate(write, { people, messages });
  await at("auth-username").fill("scroll-alice");
  await at("auth-password").fill("correct horse");
  await at("auth-submit").click();
  await at("conversation-row").first().click();
  await at("message").first().waitFor();
  const conversation = await page.evaluate(() => location.hash.split("/")[2]);

  const memory = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    const { metrics } = await cdp.send("Performance.getMetrics");
    return metrics.find((one) => one.name === "JSHeapUsedSize").value / 1e6;
  };
  const edge = () => page.evaluate(() => Number(document.querySelector("[data-seq]")?.dataset.seq ?? 0));
  const through = async (name, way) => {
    await page.evaluate(() => (globalThis.seen = { frames: [], elements: 0 }));
    const from = await edge();
    const box = await at("message-list").boundingBox();
    const tasks = await tasksOf(cdp, async () => {
      for (let time = 0; time < times; time += 1)
        await cdp.send("Input.synthesizeScrollGesture", { x: box.x + 300, y: box.y + 300, yDistance: way * distance, speed, preventFling: true, gestureSourceType: "mouse" });
    });
    const seen = await page.evaluate(() => globalThis.seen);
    return {
      name,
      passed: Math.abs((await edge()) - from),
      longTasks: tasks.filter((ms) => ms > longMs).length,
      longestTaskMs: Math.max(...tasks),
      busyMs: tasks.reduce((sum, ms) => sum + ms, 0),
      frameP50Ms: share(seen.frames, 0.5),
      frameP95Ms: share(seen.frames, 0.95),
      elements: seen.elements,
    };
  };
  const jump = async (seq) => {
    await page.evaluate((hash) => (location.hash = hash), `#/c/${conversation}/m/${seq}`);
    await page.waitForFunction((seq) => document.querySelector(`[data-seq="${seq}"]`), seq);
    // What lies around it comes too.
    await pause(1000);
  };

  const heapBeforeMb = await memory();
  const middle = Math.floor(messages / 2);
  await jump(middle);
  const ways = [await through("back, as it comes from the relay", 1), await through("on again, held here", -1), await through("back again, held here", 1)];
  // The other end of it, and the beginning.
  await jump(2);
  await jump(messages - 1);
  ways.push(await through("back from the end, held or not", 1));
  console.log(JSON.stringify({ ways, heapBeforeMb, heapAfterMb: await memory() }));
}, size);
process.exit(0);
