import { useState, type ReactElement } from "react";
import type { AccountView } from "../../bridge/generated/native/AccountView";
import type { Problem } from "../../bridge/generated/Problem";
import type { Native } from "../../bridge/native";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { ownWords, problemText, text } from "../../text";
import { Button, Confirm, Empty, EntrancePage, Notice } from "../../ui";
import styles from "./Accounts.module.css";
import { hostOf } from "./host";
import { QuitButton } from "./QuitButton";

interface BrokenAccountProps {
  native: Native;
  account: AccountView;
  /** Why it cannot be opened. */
  problem: Problem;
  /** There is no other account to go to. */
  alone: boolean;
  onAdd: () => void;
}

/** An account whose data could not be opened: the cause in its own words, and the ways out of here. */
export function BrokenAccount({ native, account, problem, alone, onAdd }: BrokenAccountProps): ReactElement {
  const words = text.accounts.broken;
  const relay = hostOf(account.relay);
  return (
    <EntrancePage testId={testIds.accountBroken}>
      <Empty
        icon="alert"
        alert
        title={words.title(relay)}
        action={
          <div className={styles.ways}>
            <QuitButton native={native} kind="primary" />
            <Button onClick={onAdd} data-testid={testIds.brokenAdd}>
              {text.accounts.rail.add}
            </Button>
            {/* The app takes no account away that somebody is known to be logged in to. */}
            {account.user === null && <Remove native={native} account={account.account} relay={relay} />}
          </div>
        }
      >
        {ownWords(problem)} {alone ? words.alone : words.others} {words.startAgain}
      </Empty>
    </EntrancePage>
  );
}

function Remove({ native, account, relay }: { native: Native; account: number; relay: string }): ReactElement {
  const [asking, setAsking] = useState(false);
  const { act, busy, problem, clear } = useNativeAct(native);
  const words = text.accounts.broken;
  return (
    <>
      <Button kind="quiet" onClick={() => setAsking(true)} data-testid={testIds.brokenRemove}>
        {words.remove}
      </Button>
      {asking && (
        <Confirm
          title={words.removeConfirm(relay)}
          confirmLabel={words.remove}
          cancelLabel={text.common.cancel}
          danger
          busy={busy}
          onConfirm={() => void act({ type: "remove_account", account })}
          onClose={() => {
            setAsking(false);
            clear();
          }}
          testId={testIds.confirm}
        >
          <p>{words.removeText}</p>
          {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
        </Confirm>
      )}
    </>
  );
}
