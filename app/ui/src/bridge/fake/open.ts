import type { Bridge } from "../bridge";
import { createFake, type Fake } from "./fake";
import { fakeId } from "./world";

declare global {
  interface Window {
    /** The fake's controls, for the console and for screenshots. */
    confabFake?: Fake;
  }
}

/** Opens the fake client with a world to look at. `?phase=signed_out`, `?empty`, `?still` (nobody writes). */
export function openBridge(): Promise<Bridge> {
  const query = new URLSearchParams(window.location.search);
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

function live(fake: Fake): void {
  const ada = fakeId("user", 1);
  const where = fakeId("conversation", 1);
  setInterval(() => {
    fake.typing(where, ada, true);
    setTimeout(() => fake.incoming(where, ada, "By the way, look at the sky right now 🌇"), 3_500);
  }, 20_000);
}
