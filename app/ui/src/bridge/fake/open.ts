import { BridgeProblem } from "../bridge";
import type { Opened } from "../native";
import { createFake, type Fake } from "./fake";
import { createFakeNative } from "./native";
import { fakeId } from "./world";

declare global {
  interface Window {
    /** The fake's controls, for the console and for screenshots. */
    confabFake?: Fake;
  }
}

/**
 * Opens the fake client with a world to look at. `?phase=signed_out`, `?empty`, `?still` (nobody writes); `?native`: the
 * app around it, with `=two` accounts, `=broken` with one that cannot be opened, `=failed` with a folder that cannot.
 */
export function openBridge(): Promise<Opened> {
  const query = new URLSearchParams(window.location.search);
  const native = query.get("native");
  if (native !== null) return Promise.resolve(app(native, query.get("system")));
  const phase = query.get("phase");
  const fake = createFake({
    delayMs: 15,
    acknowledgeMs: 700,
    phase: phase === "signed_out" || phase === "login_needed" ? phase : "signed_in",
    empty: query.has("empty"),
  });
  window.confabFake = fake;
  if (!query.has("still") && !query.has("empty")) live(fake);
  return Promise.resolve(fake);
}

function app(kind: string, system: string | null): Opened {
  const native = createFakeNative();
  if (kind !== "none") native.signedIn("https://chat.example.org");
  if (kind === "two") native.signedIn("https://work.example.com", { empty: true });
  if (kind === "broken") native.view.accounts[0]!.problem = { code: "storage", message: "Its database was written by a newer version of Confab." };
  if (system !== null) native.view.system = { ...native.view.system, name: system, autostart: null };
  if (kind !== "failed") return native;
  const problem = { code: "in_use", message: "Confab is running already with the data in /home/robin/.local/share/chat.confab.app." };
  return { ...native, request: () => Promise.reject(new BridgeProblem(problem)) };
}

function live(fake: Fake): void {
  const ada = fakeId("user", 1);
  const where = fakeId("conversation", 1);
  setInterval(() => {
    fake.typing(where, ada, true);
    setTimeout(() => fake.incoming(where, ada, "By the way, look at the sky right now 🌇"), 3_500);
  }, 20_000);
}
