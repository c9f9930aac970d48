import { BridgeProblem, type Bridge } from "../bridge";

/** Connects this page to the engine in its worker. */
export function openBridge(): Promise<Bridge> {
  return Promise.reject(
    new BridgeProblem({ code: "internal_client", message: "This build of the page has no engine. Build the engine." }),
  );
}
