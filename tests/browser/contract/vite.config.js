/** Builds the contract's page as the web client is built. */
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  root: here("."),
  logLevel: "warn",
  resolve: { alias: { "#engine": here("../../../app/ui/engine/confab_web.js") } },
  worker: { format: "es" },
  build: {
    outDir: here("../.built"),
    emptyOutDir: true,
    target: "es2022",
    // Apart from the relay's own.
    assetsDir: "contract",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: here("contract.html") },
  },
};
