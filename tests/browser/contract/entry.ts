/** The bridges' contract, for a page that is no screen: the browser's bridge, its worker and the engine, as they are built. */
import { openBridge } from "../../../app/ui/src/bridge/browser/open";
import { check, type Outcome } from "../../../app/ui/src/bridge/contract";

declare global {
  interface Window {
    runContract(username: string): Promise<Outcome[]>;
  }
}

const bridge = await openBridge();
window.runContract = (username) => check({ bridge, username });
