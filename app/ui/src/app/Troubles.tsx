import { useEffect } from "react";
import { useBridge } from "../hooks/bridge";
import { problemText } from "../text";
import { useToast } from "../ui";

/**
 * Shows trouble that belongs to no request. It listens from the first moment on: that the data were damaged is told when
 * they are opened, before anybody knows whether someone is signed in.
 */
export function Troubles(): null {
  const bridge = useBridge();
  const toast = useToast();
  useEffect(
    () =>
      bridge.subscribe((event) => {
        if (event.type === "trouble") toast({ kind: "danger", text: problemText(event.problem) });
      }),
    [bridge, toast],
  );
  return null;
}
