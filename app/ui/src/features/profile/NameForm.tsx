import { useState, type ReactElement } from "react";
import { uuidv7 } from "../../bridge/ids";
import { useAct } from "../../hooks/useAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Field, Notice, useToast } from "../../ui";
import styles from "./Settings.module.css";

const NAME_CHARS = 64;

/** One's own name. */
export function NameForm({ name }: { name: string }): ReactElement {
  const [typed, setTyped] = useState(name);
  const { act, busy, problem } = useAct();
  const toast = useToast();
  const empty = typed.trim() === "";
  const save = async () => {
    if (empty || busy) return;
    const done = await act({ type: "set_profile", id: uuidv7(), display_name: typed.trim() });
    if (done !== undefined) toast({ text: text.profile.saved });
  };
  return (
    <form
      className={styles.nameForm}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field
        label={text.profile.displayName}
        hint={text.profile.displayNameHint}
        error={empty ? text.profile.displayNameEmpty : undefined}
        value={typed}
        maxLength={NAME_CHARS}
        autoComplete="name"
        data-testid={testIds.profileName}
        onChange={(event) => setTyped(event.target.value)}
      />
      {typed.trim() !== name && (
        <Button type="submit" kind="primary" busy={busy} disabled={empty} data-testid={testIds.profileSave}>
          {text.profile.save}
        </Button>
      )}
      {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
    </form>
  );
}
