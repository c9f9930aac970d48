import { useEffect, useState, type ReactElement } from "react";
import type { Bridge } from "../bridge/bridge";
import type { Problem } from "../bridge/generated/Problem";
import { BridgeProvider } from "../hooks/bridge";
import { asProblem } from "../hooks/queries";
import { problemText } from "../text";
import { Shell } from "./Shell";

/** Opens the bridge and shows the app over it. */
export function App({ open }: { open: () => Promise<Bridge> }): ReactElement | null {
  const [bridge, setBridge] = useState<Bridge>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let wanted = true;
    open().then(
      (opened) => {
        if (wanted) setBridge(opened);
      },
      (error: unknown) => {
        if (wanted) setProblem(asProblem(error));
      },
    );
    return () => {
      wanted = false;
    };
  }, [open]);
  if (problem !== undefined) return <p role="alert">{problemText(problem)}</p>;
  if (bridge === undefined) return null;
  return (
    <BridgeProvider bridge={bridge}>
      <Shell />
    </BridgeProvider>
  );
}
