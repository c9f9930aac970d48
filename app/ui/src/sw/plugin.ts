/** A step of the build: the service worker, told which files make up this version of the page. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

const NAME = "sw.js";

export function serviceWorker(): Plugin {
  return {
    name: "confab-service-worker",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: "src/sw/sw.ts", fileName: NAME });
    },
    writeBundle({ dir }) {
      if (dir === undefined) return;
      const paths = readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== NAME && !entry.name.startsWith("."))
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
      const hash = createHash("sha256");
      for (const path of paths) hash.update(relative(dir, path)).update(readFileSync(path));
      const worker = readFileSync(join(dir, NAME), "utf8");
      // The worker's own code counts, too: with another one the version is another.
      const version = hash.update(worker).digest("hex").slice(0, 16);
      const files = paths.map((path) => `/${relative(dir, path).split(sep).join("/")}`);
      const shell = { version, files: files.map((file) => (file === "/index.html" ? "/" : file)) };
      writeFileSync(join(dir, NAME), worker.replaceAll("__SHELL__", `(${JSON.stringify(shell)})`));
    },
  };
}
