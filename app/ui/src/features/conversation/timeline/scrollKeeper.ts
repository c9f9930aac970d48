/**
 * Keeps the reader's place while rows come and go. Knows elements and pixels, nothing of messages.
 *
 * Rows lie in the normal flow between two spacers that stand for what is not held, so that the scroll bar tells the
 * truth. When something above the reader changes its height, the spacer above gives or takes the difference: the
 * scroll position itself is left alone, and a swipe that is under way goes on. Only at the very beginning, where no
 * spacer is left, the position is set.
 */

/** Where a row stood: pixels from the upper edge of what is seen. */
interface Anchor {
  key: string;
  offset: number;
}

/** Where to go with the next rows that have it. */
export type Goal =
  | { type: "end" }
  | { type: "unread" }
  | { type: "seq"; seq: number; offset?: number; flash?: boolean; focus?: boolean };

/** What surrounds the held rows. */
export interface Around {
  atStart: boolean;
  atEnd: boolean;
  /** How many messages lie before and behind. */
  before: number;
  after: number;
}

/** What is seen after a scroll. */
export interface Seen {
  atBottom: boolean;
  /** Pixels of rows above and below what is seen. Negative: a spacer is in sight. */
  above: number;
  below: number;
  height: number;
  /** Where the upper edge of what is seen lies. */
  top: number;
  /** The row elements in sight, in order. */
  rows: HTMLElement[];
  up: boolean;
  /** The hole in sight, otherwise the nearest one not far from it. */
  hole: HTMLElement | null;
  /** The seq that is aimed at and not held yet. */
  goal: number | null;
}

const NEAR_END = 24;
/** Rows are added, and holes fetched, when fewer pixels than this, or than a screen and a half, are left to them. */
const AHEAD = 900;

/** How far beyond what is seen to look ahead, in pixels. */
export function aheadOf(height: number): number {
  return Math.max(AHEAD, height * 1.5);
}

/** Browsers draw no element higher than some 17 to 33 million pixels. */
const MOST_SPACER = 6_000_000;
const LEAST_SPACER = 3_000;
const USUAL_ROW = 56;

export class ScrollKeeper {
  /** The reader is at the end and stays there. */
  stick = false;
  private anchors: Anchor[] = [];
  private goal: Goal | null = null;
  private around: Around = { atStart: true, atEnd: true, before: 0, after: 0 };
  private topHeight = 0;
  private lastTop = 0;
  private lastHeight: number;
  private up = false;
  /** On the way to the end: what comes there meanwhile is gone on to. */
  private heading = false;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly content: HTMLElement,
    private readonly top: HTMLElement,
    private readonly bottom: HTMLElement,
    private readonly calm: () => boolean,
  ) {
    this.lastHeight = scroller.clientHeight;
  }

  /**
   * Where to begin: the first layout goes there at once. A glide would start from rows that nobody has seen, and rows
   * that come in above it meanwhile would have it end in a spacer.
   */
  begin(goal: Goal): void {
    this.goal = goal;
  }

  /** Goes there now if it is held, otherwise with the rows to come. */
  aim(goal: Goal): void {
    this.goal = goal;
    this.heading = false;
    this.reach(true);
  }

  /** The reader moved by hand: what was aimed at is off. */
  release(): void {
    this.goal = null;
    this.heading = false;
  }

  /** After new rows were drawn. */
  layout(around: Around): void {
    this.around = around;
    this.bottom.style.height = `${around.atEnd ? 0 : Math.min(MOST_SPACER, around.after * this.average())}px`;
    if (!this.reach(false)) this.settle();
    this.capture();
  }

  /** After sizes changed: puts everything where it was. */
  settle(): void {
    if (this.stick && this.around.atEnd) {
      if (this.around.atStart) this.setTop(0);
      else if (this.topHeight < LEAST_SPACER) this.setTop(this.estimate());
      this.scroller.scrollTop = this.scroller.scrollHeight;
    } else {
      this.restore();
    }
  }

  /** Remembers what is seen; called after every scroll. */
  capture(): Seen {
    // Made lower since, and nobody has told yet (a line above the composer): the reader has not left the end.
    if (this.stick && this.scroller.clientHeight < this.lastHeight && this.scroller.scrollTop === this.lastTop) this.settle();
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (scrollTop !== this.lastTop) this.up = scrollTop < this.lastTop;
    const atEnd = scrollHeight - scrollTop - clientHeight <= NEAR_END;
    if (atEnd || scrollTop < this.lastTop) this.heading = false;
    this.stick = this.around.atEnd && (atEnd || this.heading);
    this.lastTop = scrollTop;
    this.lastHeight = clientHeight;
    const all = this.content.children;
    const rows: HTMLElement[] = [];
    let index = this.firstBelow(scrollTop);
    const first = Math.max(0, index - 1);
    for (; index < all.length; index += 1) {
      const row = all[index] as HTMLElement;
      if (row.offsetTop >= scrollTop + clientHeight) break;
      rows.push(row);
    }
    this.anchors = [];
    for (let at = first; at <= Math.min(index, all.length - 1); at += 1) {
      const row = all[at] as HTMLElement;
      if (row.dataset["key"]) this.anchors.push({ key: row.dataset["key"], offset: row.offsetTop - scrollTop });
    }
    // A hole is filled from the side that one comes from: hold on to what one comes from.
    if (this.up) this.anchors.reverse();
    const end = this.content.offsetTop + this.content.offsetHeight;
    return {
      atBottom: this.stick,
      above: scrollTop - this.content.offsetTop,
      below: end - scrollTop - clientHeight,
      height: clientHeight,
      top: scrollTop,
      rows,
      up: this.up,
      hole: this.nearestHole(scrollTop, clientHeight),
      goal: this.goal?.type === "seq" ? this.goal.seq : null,
    };
  }

  /** The share of what is not held at which the reader looks, if nothing but a spacer is in sight. */
  lost(): { side: "before" | "after"; share: number } | null {
    const { scrollTop, clientHeight } = this.scroller;
    const end = this.content.offsetTop + this.content.offsetHeight;
    const middle = scrollTop + clientHeight / 2;
    if (scrollTop + clientHeight < this.content.offsetTop) return { side: "before", share: middle / this.topHeight };
    if (scrollTop > end) return { side: "after", share: (middle - end) / Math.max(1, this.bottom.offsetHeight) };
    return null;
  }

  private nearestHole(top: number, height: number): HTMLElement | null {
    let nearest: HTMLElement | null = null;
    let least = aheadOf(height);
    for (const row of this.content.querySelectorAll<HTMLElement>(":scope > [data-hole]")) {
      const away = Math.max(0, top - row.offsetTop - row.offsetHeight, row.offsetTop - top - height);
      // Of several in sight, the one that is come to first.
      if (away < least || (away === least && !this.up)) [nearest, least] = [row, away];
    }
    return nearest;
  }

  private reach(now: boolean): boolean {
    const { goal } = this;
    if (!goal) return false;
    if (goal.type === "end") {
      if (!this.around.atEnd) return false;
      this.goal = null;
      this.stick = true;
      if (now && this.near(this.scroller.scrollHeight)) {
        this.heading = true;
        this.glide(this.scroller.scrollHeight);
      } else {
        this.setTop(this.around.atStart ? 0 : this.estimate());
        this.settle();
      }
      return true;
    }
    const found = goal.type === "unread" ? this.find("unread") : this.findSeq(goal.seq);
    if (!found) {
      // Nothing is unread: that is the end. A seq that is not held waits for its rows.
      if (goal.type === "unread" && this.content.children.length > 0) return this.reachEnd();
      return false;
    }
    const exact = goal.type === "unread" || found.dataset["hole"] === undefined;
    if (exact) this.goal = null;
    this.stick = false;
    const { clientHeight } = this.scroller;
    const middle = Math.max(0, (clientHeight - found.offsetHeight) / 2);
    const offset = goal.type === "unread" ? clientHeight / 5 : (goal.offset ?? Math.min(middle, clientHeight / 3));
    const target = (): number => found.offsetTop - offset;
    if (now && this.near(target())) {
      this.glide(target());
    } else {
      this.setTop(this.around.atStart ? 0 : Math.max(this.estimate(), LEAST_SPACER));
      this.scroller.scrollTop = target();
    }
    if (goal.type === "seq" && exact) {
      if (goal.flash) flash(found);
      if (goal.focus) found.querySelector<HTMLElement>("[data-message]")?.focus({ preventScroll: true });
    }
    return true;
  }

  private reachEnd(): boolean {
    this.goal = { type: "end" };
    return this.reach(false);
  }

  private near(target: number): boolean {
    return Math.abs(target - this.scroller.scrollTop) < this.scroller.clientHeight * 2;
  }

  private glide(target: number): void {
    this.scroller.scrollTo({ top: target, behavior: this.calm() ? "instant" : "smooth" });
  }

  private restore(): void {
    const rows = new Map<string, HTMLElement>();
    for (const child of this.content.children) {
      const { key } = (child as HTMLElement).dataset;
      if (key) rows.set(key, child as HTMLElement);
    }
    for (const anchor of this.anchors) {
      const row = rows.get(anchor.key);
      if (!row) continue;
      const moved = row.offsetTop - this.scroller.scrollTop - anchor.offset;
      let height = this.topHeight - moved;
      if (this.around.atStart) height = 0;
      else if (height < LEAST_SPACER / 2) height = Math.max(this.estimate(), LEAST_SPACER);
      const grown = height - this.topHeight;
      this.setTop(height);
      if (moved + grown !== 0) this.scroller.scrollTop += moved + grown;
      return;
    }
  }

  private setTop(height: number): void {
    if (height === this.topHeight) return;
    this.topHeight = height;
    this.top.style.height = `${height}px`;
  }

  private estimate(): number {
    return Math.min(MOST_SPACER, Math.max(LEAST_SPACER, this.around.before * this.average()));
  }

  private average(): number {
    const rows = this.content.children.length;
    return rows < 10 ? USUAL_ROW : Math.min(200, Math.max(24, this.content.offsetHeight / rows));
  }

  /** The first row that reaches below a line. */
  private firstBelow(line: number): number {
    const rows = this.content.children;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = rows[middle] as HTMLElement;
      if (row.offsetTop + row.offsetHeight > line) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private find(key: string): HTMLElement | null {
    return this.content.querySelector<HTMLElement>(`:scope > [data-key="${CSS.escape(key)}"]`);
  }

  /** The row of a seq, or the hole that it lies in. */
  private findSeq(seq: number): HTMLElement | null {
    for (const child of this.content.children) {
      const row = child as HTMLElement;
      const from = Number(row.dataset["seq"] ?? row.dataset["hole"] ?? Number.NaN);
      if (from === seq || (from <= seq && seq <= Number(row.dataset["to"] ?? from))) return row;
    }
    return null;
  }
}

/** Points a row out for a moment. */
function flash(row: HTMLElement): void {
  delete row.dataset["flash"];
  // Reading a size between the two makes the animation start anew.
  row.getBoundingClientRect();
  row.dataset["flash"] = "";
  row.addEventListener("animationend", () => delete row.dataset["flash"], { once: true });
}
