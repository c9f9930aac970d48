import { useEffect, useState, type ReactElement } from "react";
import type { Problem } from "../bridge/generated/Problem";
import { isNative, type Opened } from "../bridge/native";
import { BridgeProvider } from "../hooks/bridge";
import { asProblem } from "../hooks/queries";
import { problemText, speakInApp, text } from "../text";
import { ErrorBoundary } from "./ErrorBoundary";
import { AppBroke, Failed } from "./Failed";
import { NativeApp } from "./native/NativeApp";
import { Shell } from "./Shell";
import { Splash } from "./Splash";

/** Opens the bridge and shows the app over it. */
export function App({ open }: { open: () => Promise<Opened> }): ReactElement {
  const [opened, setOpened] = useState<Opened>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let wanted = true;
    open().then(
      (bridge) => {
        if (!wanted) return;
        speakInApp(isNative(bridge));
        setOpened(bridge);
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
  if (opened === undefined) return <Splash />;
  return (
    <ErrorBoundary broken={isNative(opened) ? <AppBroke native={opened} /> : <Failed words={text.common.problems["internal_client"] ?? ""} />}>
      {isNative(opened) ? (
        <NativeApp native={opened} />
      ) : (
        <BridgeProvider bridge={opened}>
          <Shell />
        </BridgeProvider>
      )}
    </ErrorBoundary>
  );
}
