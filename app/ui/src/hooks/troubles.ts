import type { Bridge } from "../bridge/bridge";
import type { Event } from "../bridge/generated/Event";

/** Something that went wrong, and what was refused if that is it. */
export type Trouble = Extract<Event, { type: "trouble" }>;

/** Most that waits to be shown; what went wrong first says most. */
const MOST = 8;

/**
 * What went wrong without anybody's asking, until somebody shows it: that the data were damaged is told when they are
 * opened, which may be before a screen is there or while another account's is.
 */
export class Troubles {
  private readonly waiting: Trouble[] = [];
  private show: ((trouble: Trouble) => void) | undefined;

  constructor(bridge: Bridge) {
    bridge.subscribe((event) => {
      if (event.type !== "trouble") return;
      if (this.show !== undefined) this.show(event);
      else if (this.waiting.length < MOST) this.waiting.push(event);
    });
  }

  /** Gives what waits and what comes to a screen; gives the function that ends it. */
  showBy(show: (trouble: Trouble) => void): () => void {
    this.show = show;
    for (const trouble of this.waiting.splice(0)) show(trouble);
    return () => {
      if (this.show === show) this.show = undefined;
    };
  }
}
