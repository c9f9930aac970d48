import { useState, type ReactElement, type SyntheticEvent } from "react";
import type { Probed } from "../../bridge/generated/native/Probed";
import type { Native } from "../../bridge/native";
import { useNativeAct } from "../../hooks/useNativeAct";
import { testIds } from "../../testids";
import { ownWords, text } from "../../text";
import { Button, Entrance, Field, Notice } from "../../ui";
import styles from "./Accounts.module.css";

interface WelcomeProps {
  native: Native;
  /** What a link named. */
  address: string;
  /** Back to the accounts that there are; absent at the first start. */
  onCancel: (() => void) | null;
  /** A place at a relay was made. */
  onAdded: (account: number | null, relay: string) => void;
}

/** Asks for a relay's address and tries it before anything else is asked. */
export function Welcome({ native, address, onCancel, onAdded }: WelcomeProps): ReactElement {
  const [typed, setTyped] = useState(address);
  const [plain, setPlain] = useState<Probed>();
  const { act, busy, problem, clear } = useNativeAct(native);

  const add = async (relay: string) => {
    const view = await act({ type: "add_account", relay });
    if (view !== undefined) onAdded(view.selected, relay);
  };
  const submit = async () => {
    const found = await act({ type: "probe", address: typed });
    if (found === undefined) return;
    if (found.private) await add(found.relay);
    else setPlain(found);
  };

  return (
    <Entrance app={text.common.app} about={text.auth.tagline} title={text.accounts.welcome.title} testId={testIds.welcome}>
      {plain === undefined ? (
        <form
          className={styles.form}
          noValidate
          onSubmit={(event: SyntheticEvent) => {
            event.preventDefault();
            if (!busy && typed.trim() !== "") void submit();
          }}
        >
          <p className={styles.words}>{text.accounts.welcome.text}</p>
          <Field
            label={text.accounts.welcome.address}
            hint={text.accounts.welcome.hint}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              clear();
            }}
            name="relay"
            type="text"
            inputMode="url"
            autoComplete="url"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            maxLength={300}
            autoFocus
            data-testid={testIds.welcomeAddress}
          />
          {problem !== undefined && (
            <Notice testId={testIds.welcomeProblem}>{text.accounts.problems[problem.code] ?? ownWords(problem)}</Notice>
          )}
          <Button type="submit" kind="primary" wide busy={busy} data-testid={testIds.welcomeSubmit}>
            {text.accounts.welcome.submit}
          </Button>
        </form>
      ) : (
        <div className={styles.form}>
          <Notice kind="warn">{text.accounts.welcome.plain(plain.relay)}</Notice>
          {problem !== undefined && <Notice testId={testIds.welcomeProblem}>{problem.message}</Notice>}
          <Button wide busy={busy} onClick={() => void add(plain.relay)} data-testid={testIds.welcomePlain}>
            {text.accounts.welcome.plainSubmit}
          </Button>
          <Button kind="primary" wide onClick={() => setPlain(undefined)}>
            {text.accounts.welcome.otherAddress}
          </Button>
        </div>
      )}
      {onCancel !== null && (
        <Button kind="quiet" onClick={onCancel}>
          {text.accounts.welcome.cancel}
        </Button>
      )}
    </Entrance>
  );
}
