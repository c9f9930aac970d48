/** Builds the contract into one script that a driver can put into a page. */
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  root: here("."),
  logLevel: "warn",
  build: {
    outDir: here(".built"),
    minify: false,
    lib: { entry: here("contract-entry.ts"), formats: ["iife"], name: "confabContract", fileName: () => "contract.js" },
  },
};
