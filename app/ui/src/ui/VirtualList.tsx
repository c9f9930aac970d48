import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent, type ReactElement, type Ref } from "react";

/** Rows drawn beyond each edge of what is seen, so that a quick flick meets no emptiness. */
const BEYOND = 8;
/** Rows drawn before it is known how many fit. */
const AT_FIRST = 40;

/** What can be asked of a list. */
export interface VirtualListHandle {
  /** Scrolls a row into sight and gives it the focus. */
  focus: (index: number) => void;
}

interface VirtualListProps {
  /** What scrolls. */
  scroller: () => HTMLElement | null;
  count: number;
  /** Which row keeps being drawn wherever one scrolls (it has the focus), if any. */
  keep: number | null;
  keyOf: (index: number) => string;
  /** A row; all rows are of one height. What takes the focus is its first link or button. */
  row: (index: number) => ReactElement;
  className?: string | undefined;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  onFocus?: (event: FocusEvent<HTMLElement>) => void;
  ref?: Ref<VirtualListHandle>;
}

interface Sight {
  first: number;
  last: number;
  height: number;
}

/**
 * A long list of rows of one height, of which only those near what is seen are in the page. A screen reader hears of
 * all of them by `aria-setsize`.
 */
export function VirtualList({ scroller, count, keep, keyOf, row, className, onKeyDown, onFocus, ref }: VirtualListProps): ReactElement {
  const list = useRef<HTMLUListElement>(null);
  const wanted = useRef<number | null>(null);
  const [sight, setSight] = useState<Sight>({ first: 0, last: AT_FIRST, height: 0 });

  const look = useCallback(() => {
    const box = scroller();
    const first = list.current?.querySelector<HTMLElement>(":scope > [data-index]");
    if (!box || !list.current || !first) return;
    const height = first.offsetHeight;
    // Out of sight altogether (behind a search, on a phone): what is drawn stays.
    if (height === 0 || box.clientHeight === 0) return;
    const top = box.scrollTop - list.current.offsetTop;
    const from = Math.max(0, Math.floor(top / height) - BEYOND);
    const to = Math.ceil((top + box.clientHeight) / height) + BEYOND;
    setSight((before) => (before.first === from && before.last === to && before.height === height ? before : { first: from, last: to, height }));
  }, [scroller]);

  useLayoutEffect(look);
  useEffect(() => {
    const box = scroller();
    if (!box) return;
    const sizes = new ResizeObserver(look);
    sizes.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [look, scroller]);

  const focus = useCallback((index: number): boolean => {
    const target = list.current?.querySelector<HTMLElement>(`:scope > [data-index="${index}"] :is(a, button)`);
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest" });
    return target != null;
  }, []);
  useImperativeHandle(ref, () => ({
    focus: (index) => {
      if (focus(index)) return;
      const box = scroller();
      if (!box || !list.current) return;
      wanted.current = index;
      box.scrollTop = list.current.offsetTop + index * sight.height - box.clientHeight / 2;
      look();
    },
  }), [focus, look, scroller, sight.height]);
  useLayoutEffect(() => {
    if (wanted.current !== null && focus(wanted.current)) wanted.current = null;
  });

  const from = Math.min(sight.first, Math.max(0, count - 1));
  const to = Math.min(count, sight.last);
  const shown = Array.from({ length: Math.max(0, to - from) }, (_, place) => from + place);
  if (keep !== null && keep >= 0 && keep < count && (keep < from || keep >= to)) {
    if (keep < from) shown.unshift(keep);
    else shown.push(keep);
  }
  // Without a known height there is nothing to place by: the rows stand one below the other.
  const placed = sight.height > 0;
  return (
    <ul
      ref={list}
      className={className}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      style={placed ? { position: "relative", height: count * sight.height } : undefined}
    >
      {shown.map((index) => (
        <li
          key={keyOf(index)}
          data-index={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={placed ? { position: "absolute", insetInline: 0, top: index * sight.height } : undefined}
        >
          {row(index)}
        </li>
      ))}
    </ul>
  );
}
