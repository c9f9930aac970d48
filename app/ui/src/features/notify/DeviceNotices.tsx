import { useState, type ReactElement } from "react";
import { useBridge } from "../../hooks/bridge";
import { setNotices, useNoticeChoice } from "../../hooks/notices";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Notice, Switch } from "../../ui";

/** Whether this device shows notifications. Turning them on asks the person, through the browser. */
export function DeviceNotices(): ReactElement {
  const { notices } = useBridge();
  const choice = useNoticeChoice();
  const [state, setState] = useState(() => notices?.state() ?? "denied");
  if (notices === undefined) return <Notice kind="info">{text.notify.unavailable}</Notice>;
  const turn = async (on: boolean) => {
    if (!on) {
      setNotices({ ...choice, on: false });
      return;
    }
    const answer = notices.state() === "default" ? await notices.ask() : notices.state();
    setState(answer);
    setNotices({ ...choice, on: answer === "granted" });
  };
  const on = choice.on && state === "granted";
  return (
    <>
      <Switch label={text.notify.deviceOn} hint={text.notify.deviceOnHint} checked={on} disabled={state === "denied"} onChange={(to) => void turn(to)} testId={testIds.noticesOn} />
      {state === "denied" && <Notice kind="info">{text.notify.denied}</Notice>}
      {on && (
        <Switch label={text.notify.deviceText} hint={text.notify.deviceTextHint} checked={choice.words} onChange={(words) => setNotices({ ...choice, words })} testId={testIds.noticesText} />
      )}
    </>
  );
}
