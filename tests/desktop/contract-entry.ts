/** The bridges' contract, for a real window: the test puts this into the page and runs it over the page's own commands. */
import { check, type Outcome } from "../../app/ui/src/bridge/contract";
import { isNative } from "../../app/ui/src/bridge/native";
import { openBridge } from "../../app/ui/src/bridge/tauri/open";

declare global {
  interface Window {
    runContract(relay: string, username: string): Promise<Outcome[]>;
  }
}

window.runContract = async (relay, username) => {
  const native = await openBridge();
  if (!isNative(native)) throw new Error("the window has no app around it");
  const { selected } = await native.request({ type: "add_account", relay });
  if (selected === null) throw new Error("no account was added");
  return await check({ bridge: native.account(selected), username });
};
