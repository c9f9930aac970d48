import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./src/sw/plugin.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `scripts/dev` finds the relay. */
const relay = "http://localhost:5000";

/** Which bridge a mode is built with; the browser's where none is named. */
const shells: Record<string, string> = { fake: "fake", desktop: "tauri" };

export default defineConfig(({ mode }) => ({
  // The native app brings its pages along; a service worker would only keep old ones.
  plugins: mode === "desktop" ? [react()] : [react(), serviceWorker()],
  resolve: {
    alias: {
      // The one place where a bridge is chosen, so that the fake one cannot slip into the product.
      "#bridge": here(`src/bridge/${shells[mode] ?? "browser"}/open.ts`),
      // What `cargo run -p xtask -- wasm` leaves there.
      "#engine": here("engine/confab_web.js"),
    },
  },
  server: {
    strictPort: true,
    proxy: { "/api": { target: relay }, "/ws": { target: relay, ws: true } },
  },
  worker: { format: "es" },
  build: {
    target: "es2022",
    assetsDir: "assets",
    // A data: address would break the policy `img-src 'self'`; every asset is a file with a hash in its name.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
    restoreMocks: true,
  },
}));
