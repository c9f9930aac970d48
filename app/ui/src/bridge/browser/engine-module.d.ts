/** What wasm-bindgen makes of `app/web`, said here so that the page type-checks before the engine was ever built. */
import type { Blocks } from "./blocks";
import type { Owed } from "./owed";

/** Loads the module; it finds its `.wasm` beside itself. */
export default function load(): Promise<unknown>;

export class Core {
  private constructor();
  /** Opens the database in OPFS; rejects with a failure as JSON. */
  static openFiles(relay: string, owed: Owed): Promise<Core>;
  /** Opens it in memory, and keeps it in IndexedDB where that is given. */
  static openBlocks(relay: string, owed: Owed, blocks: Blocks | undefined): Promise<Core>;
  ask(screen: number, request: string): Promise<string>;
  gone(screen: number): void;
  listen(listener: (event: string) => void): void;
  painted(): void;
  networkHint(): void;
  networkLost(): void;
}
