import type { ReactElement } from "react";
import type { Native } from "../../bridge/native";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Button, Notice, type ButtonKind } from "../../ui";

/** Ends the app, where starting it again is what helps. */
export function QuitButton({ native, kind }: { native: Native; kind: ButtonKind }): ReactElement {
  const { act, busy, problem } = useNativeAct(native);
  return (
    <>
      <Button kind={kind} busy={busy} onClick={() => void act({ type: "quit" })} data-testid={testIds.quit}>
        {text.accounts.quit}
      </Button>
      {problem !== undefined && <Notice>{text.accounts.quitFailed}</Notice>}
    </>
  );
}
