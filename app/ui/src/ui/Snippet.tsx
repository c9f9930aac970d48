import type { ReactElement } from "react";

/** A run of a snippet. */
export interface Run {
  text: string;
  hit: boolean;
  start: number;
}

/** Cuts a snippet at its matching places (UTF-16, half open; overlapping and odd ones are put right). */
export function runsOf(snippet: string, matches: readonly (readonly [number, number])[]): Run[] {
  const runs: Run[] = [];
  const push = (start: number, end: number, hit: boolean) => {
    if (end > start) runs.push({ text: snippet.slice(start, end), hit, start });
  };
  let at = 0;
  for (const [from, to] of [...matches].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(at, from);
    const end = Math.min(to, snippet.length);
    if (end <= start) continue;
    push(at, start, false);
    push(start, end, true);
    at = end;
  }
  push(at, snippet.length, false);
  return runs;
}

/** A snippet with its matching places marked. */
export function Snippet({ snippet, matches }: { snippet: string; matches: readonly (readonly [number, number])[] }): ReactElement {
  return (
    <bdi>
      {runsOf(snippet, matches).map((run) => (run.hit ? <mark key={run.start}>{run.text}</mark> : <span key={run.start}>{run.text}</span>))}
    </bdi>
  );
}
