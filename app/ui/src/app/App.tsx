import { useEffect, useState, type ReactElement } from "react";
import type { Bridge } from "../bridge/bridge";
import type { Problem } from "../bridge/generated/Problem";
import { BridgeProvider } from "../hooks/bridge";
import { asProblem } from "../hooks/queries";
import { problemText } from "../text";
import { ErrorBoundary, Failed } from "./ErrorBoundary";
import { Shell } from "./Shell";
import { Splash } from "./Splash";

/** Opens the bridge and shows the app over it. */
export function App({ open }: { open: () => Promise<Bridge> }): ReactElement {
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
  if (problem !== undefined) return <Failed words={problemText(problem)} />;
  if (bridge === undefined) return <Splash />;
  return (
    <ErrorBoundary>
      <BridgeProvider bridge={bridge}>
        <Shell />
      </BridgeProvider>
    </ErrorBoundary>
  );
}
