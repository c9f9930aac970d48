import type { Bridge } from "../bridge/bridge";
import type { Problem } from "../bridge/generated/Problem";

/** Most that waits to be shown; what went wrong first says most. */
const MOST = 8;

/**
 * What went wrong without anybody's asking, until somebody shows it: that the data were damaged is told when they are
 * opened, which may be before a screen is there or while another account's is.
 */
export class Troubles {
  private readonly waiting: Problem[] = [];
  private show: ((problem: Problem) => void) | undefined;

  constructor(bridge: Bridge) {
    bridge.subscribe((event) => {
      if (event.type !== "trouble") return;
      if (this.show !== undefined) this.show(event.problem);
      else if (this.waiting.length < MOST) this.waiting.push(event.problem);
    });
  }

  /** Gives what waits and what comes to a screen; gives the function that ends it. */
  showBy(show: (problem: Problem) => void): () => void {
    this.show = show;
    for (const problem of this.waiting.splice(0)) show(problem);
    return () => {
      if (this.show === show) this.show = undefined;
    };
  }
}
