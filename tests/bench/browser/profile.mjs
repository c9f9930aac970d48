// A browser that nobody has used yet.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { args, executablePath } from "../../browser/chromium.js";

const require = createRequire(new URL("../../../app/ui/package.json", import.meta.url));
const { chromium } = require("playwright-core");

/** Opens it, gives its context to `use`, and removes it with all that it has stored. */
export async function withNewProfile(use, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "confab-bench-"));
  try {
    const context = await chromium.launchPersistentContext(folder, { executablePath, args, ...options });
    try {
      await use(context);
    } finally {
      await context.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
