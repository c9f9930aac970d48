import { beforeEach, describe, expect, it } from "vitest";
import { testIds } from "../../../testids";
import { layElementsOut, ROW, SEEN } from "../testing";
import { type Around, ScrollKeeper } from "./scrollKeeper";

interface Stage {
  keeper: ScrollKeeper;
  scroller: HTMLElement;
  top: HTMLElement;
  /** Draws rows for these seqs and lays them out. */
  draw: (from: number, to: number, last?: number) => void;
  /** Where a row stands on the screen. */
  at: (seq: number) => number;
  scroll: (to: number) => void;
  grow: (seq: number, height: number) => void;
}

let stage: Stage;

beforeEach(() => {
  layElementsOut();
  const make = (parent: HTMLElement): HTMLElement => parent.appendChild(document.createElement("div"));
  const scroller = make(document.body);
  scroller.dataset["testid"] = testIds.messageList;
  const [top, content, bottom] = [make(scroller), make(scroller), make(scroller)];
  content.setAttribute("role", "list");
  const keeper = new ScrollKeeper(scroller, content, top, bottom, () => true);
  const row = (seq: number): HTMLElement => {
    const old = content.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (old) return old;
    const element = document.createElement("div");
    element.dataset["key"] = `m${seq}`;
    element.dataset["seq"] = String(seq);
    return element;
  };
  stage = {
    keeper,
    scroller,
    top,
    draw: (from, to, last = 1000) => {
      const around: Around = { atStart: from === 1, atEnd: to === last, before: from - 1, after: last - to };
      content.replaceChildren(...Array.from({ length: to - from + 1 }, (_, index) => row(from + index)));
      keeper.layout(around);
    },
    at: (seq) => row(seq).offsetTop - scroller.scrollTop,
    scroll: (to) => {
      scroller.scrollTop = to;
      keeper.capture();
    },
    grow: (seq, height) => {
      row(seq).dataset["height"] = String(height);
    },
  };
});

describe("the reader's place", () => {
  it("stays while older rows load, without the scroll position being touched", () => {
    stage.keeper.aim({ type: "seq", seq: 500 });
    stage.draw(460, 540);
    stage.keeper.capture();
    const [position, place] = [stage.scroller.scrollTop, stage.at(500)];
    stage.draw(420, 540);
    expect(stage.at(500)).toBe(place);
    expect(stage.scroller.scrollTop).toBe(position);
    expect(Number.parseFloat(stage.top.style.height)).toBe(419 * ROW);
  });

  it("stays while the far end goes and comes", () => {
    stage.keeper.aim({ type: "seq", seq: 500 });
    stage.draw(460, 620);
    const place = stage.at(500);
    stage.draw(420, 580);
    expect(stage.at(500)).toBe(place);
    stage.draw(480, 640);
    expect(stage.at(500)).toBe(place);
  });

  it("stays when the beginning is reached, where the position has to give", () => {
    stage.keeper.aim({ type: "seq", seq: 60 });
    stage.draw(41, 120);
    const place = stage.at(60);
    stage.draw(1, 120);
    expect(stage.at(60)).toBe(place);
    expect(Number.parseFloat(stage.top.style.height) || 0).toBe(0);
  });

  it("stays when a row above what is seen changes its height", () => {
    stage.keeper.aim({ type: "seq", seq: 500 });
    stage.draw(460, 540);
    const place = stage.at(500);
    stage.grow(470, 400);
    stage.keeper.settle();
    expect(stage.at(500)).toBe(place);
  });

  it("stays when the row that one looks at is gone", () => {
    stage.keeper.aim({ type: "seq", seq: 500 });
    stage.draw(460, 540);
    const place = stage.at(503);
    stage.scroller.querySelector('[data-seq="500"]')?.setAttribute("data-key", "other");
    stage.draw(440, 540);
    expect(stage.at(503)).toBe(place);
  });
});

describe("the end", () => {
  const gap = (): number => stage.scroller.scrollHeight - stage.scroller.scrollTop - SEEN;

  it("is followed only by who is there", () => {
    stage.keeper.aim({ type: "end" });
    stage.draw(940, 1000);
    expect(gap()).toBe(0);
    stage.draw(940, 1001, 1001);
    expect(gap()).toBe(0);
    stage.scroll(stage.scroller.scrollTop - 300);
    const place = stage.at(985);
    stage.draw(940, 1002, 1002);
    expect(stage.at(985)).toBe(place);
    expect(gap()).toBe(300 + ROW);
  });

  it("is not taken for one while newer rows are not held", () => {
    stage.keeper.aim({ type: "seq", seq: 500 });
    stage.draw(460, 540);
    stage.scroll(stage.at(540) + stage.scroller.scrollTop + ROW - SEEN);
    expect(stage.keeper.stick).toBe(false);
  });

  it("is kept when what is seen becomes lower before anybody has told", () => {
    stage.keeper.aim({ type: "end" });
    stage.draw(940, 1000);
    stage.scroller.dataset["height"] = String(SEEN - 80);
    // Drawn again for another reason, before the observer of the size.
    stage.keeper.capture();
    stage.keeper.settle();
    expect(gap()).toBe(-80);
  });

  it("is gone on to when a row comes on the way there, and left by who turns back", () => {
    stage.keeper.aim({ type: "end" });
    stage.draw(940, 1000);
    const glide = () => {
      stage.scroll(stage.scroller.scrollTop - 400);
      // A gliding browser has not moved yet.
      stage.scroller.scrollTo = () => undefined;
      stage.keeper.aim({ type: "end" });
      stage.scroll(stage.scroller.scrollTop + 100);
    };
    glide();
    stage.draw(940, 1001, 1001);
    expect(gap()).toBe(0);
    glide();
    stage.scroll(stage.scroller.scrollTop - 50);
    const left = gap();
    stage.draw(940, 1002, 1002);
    expect(gap()).toBe(left + ROW);
  });

  it("is where one starts if nothing is unread", () => {
    stage.keeper.aim({ type: "unread" });
    stage.draw(940, 1000);
    expect(gap()).toBe(0);
  });
});

describe("a goal", () => {
  it("waits for its rows and is given up when the reader moves", () => {
    stage.draw(940, 1000);
    stage.keeper.aim({ type: "seq", seq: 100 });
    const before = stage.scroller.scrollTop;
    expect(stage.scroller.scrollTop).toBe(before);
    stage.draw(60, 140);
    expect(stage.at(100)).toBeGreaterThanOrEqual(0);
    expect(stage.at(100)).toBeLessThan(SEEN);
    stage.keeper.aim({ type: "seq", seq: 700 });
    stage.keeper.release();
    const place = stage.at(100);
    stage.draw(20, 140);
    expect(stage.at(100)).toBe(place);
  });

  it("tells how far into what is not held one has dragged", () => {
    stage.keeper.aim({ type: "end" });
    stage.draw(940, 1000);
    stage.scroll(0);
    expect(stage.keeper.lost()?.side).toBe("before");
    expect(stage.keeper.lost()?.share).toBeLessThan(0.01);
    stage.scroll(stage.scroller.scrollHeight);
    expect(stage.keeper.lost()).toBeNull();
  });
});
