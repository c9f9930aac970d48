import { describe, expect, it } from "vitest";
import type { WindowItem } from "../../../bridge/generated/WindowItem";
import type { WindowView } from "../../../bridge/generated/WindowView";
import { bounded, covers, MOST, newer, older, opening, PAGE, question, type Stretch, stretchOf } from "./windowModel";

const LAST = 100_000;

function view(from: number, to: number, last = LAST): WindowView {
  return {
    conversation: "c",
    items: [],
    from_seq: from,
    to_seq: to,
    at_start: from <= 1,
    at_end: to >= last,
    read: 0,
    first_unread: null,
    last_seq: last,
  };
}

const viewOf = ({ from, to }: Stretch, last = LAST): WindowView => view(from, to ?? last, last);

describe("the shown stretch", () => {
  it("starts where the answer says and stays open at the end", () => {
    expect(stretchOf(view(99_900, LAST))).toEqual({ from: 99_900, to: null });
    expect(stretchOf(view(50, 90))).toEqual({ from: 50, to: 90 });
    expect(stretchOf(view(1, 0, 0))).toEqual({ from: 1, to: null });
  });

  it("walks to the beginning and back, never holding more than its bound", () => {
    let stretch = stretchOf(view(LAST - PAGE, LAST));
    let steps = 0;
    while (stretch.from > 1) {
      stretch = older(stretch, viewOf(stretch));
      expect((stretch.to ?? LAST) - stretch.from + 1).toBeLessThanOrEqual(MOST);
      steps += 1;
    }
    expect(steps).toBe(Math.ceil((LAST - PAGE - 1) / PAGE));
    expect(older(stretch, viewOf(stretch))).toBe(stretch);
    while (stretch.to !== null) {
      stretch = newer(stretch, viewOf(stretch));
      expect((stretch.to ?? LAST) - stretch.from + 1).toBeLessThanOrEqual(MOST);
    }
    expect(newer(stretch, viewOf(stretch))).toBe(stretch);
  });

  it("keeps what the reader looks at: a step never drops the edge that it starts from", () => {
    const stretch = { from: 5000, to: 5000 + MOST - 1 };
    const back = older(stretch, viewOf(stretch));
    expect(back).toEqual({ from: 5000 - PAGE, to: 5000 - PAGE + MOST - 1 });
    const on = newer(stretch, viewOf(stretch));
    expect(on.to).toBe(5000 + MOST - 1 + PAGE);
    expect(on.from).toBeLessThan(5000 + MOST - 1);
  });

  it("waits at a hole until that is filled, and goes on through it where that cannot be", () => {
    const stretch = { from: 5000, to: 5000 + MOST - 1 };
    const hole = (from_seq: number, to_seq: number): WindowItem => ({ type: "hole", from_seq, to_seq });
    const holes = { ...viewOf(stretch), items: [hole(5000, 5010), hole(5190, 5199)] };
    expect(older(stretch, holes)).toBe(stretch);
    expect(newer(stretch, holes)).toBe(stretch);
    expect(older(stretch, holes, true).from).toBe(5000 - PAGE);
    expect(newer(stretch, holes, true).to).toBe(5000 + MOST - 1 + PAGE);
  });

  it("lets the old go while new ones come, in large steps", () => {
    const stretch: Stretch = { from: 1000, to: null };
    expect(bounded(stretch, view(1000, 1100, 1100), true)).toBe(stretch);
    const last = 1000 + MOST + PAGE;
    expect(bounded(stretch, view(1000, last, last), true)).toEqual({ from: last - MOST + 1, to: null });
  });

  it("lets the new wait while one reads further up", () => {
    const last = 1000 + MOST + PAGE;
    const kept = bounded({ from: 1000, to: null }, view(1000, last, last), false);
    expect(kept).toEqual({ from: 1000, to: last - 1 });
    expect(bounded(kept, view(1000, last - 1, last + 5), false)).toBe(kept);
  });

  it("asks for places and for stretches", () => {
    expect(question({ type: "stretch", stretch: { from: 5, to: null } }).at).toEqual({ type: "range", from_seq: 5 });
    expect(question({ type: "stretch", stretch: { from: 5, to: 9 } }).at).toEqual({
      type: "range",
      from_seq: 5,
      to_seq: 9,
    });
    expect(question(opening(undefined, undefined)).at).toEqual({ type: "unread" });
    expect(question(opening({ type: "end" }, undefined)).at).toEqual({ type: "unread" });
    expect(question(opening({ type: "message", seq: 7, offset: 3 }, undefined)).at).toEqual({ type: "around", seq: 7 });
    expect(question(opening({ type: "message", seq: 7, offset: 3 }, 42)).at).toEqual({ type: "around", seq: 42 });
  });

  it("knows what it covers", () => {
    expect(covers(view(10, 20), 10)).toBe(true);
    expect(covers(view(10, 20), 21)).toBe(false);
    expect(covers(view(10, 20, 20), 21)).toBe(true);
  });
});
