import { useRef, useState, type ReactElement, type SyntheticEvent } from "react";
import { useNativeApp } from "../../hooks/native";
import { guessDeviceName } from "../../hooks/deviceName";
import { useAct } from "../../hooks/useAct";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Button, Field, Notice } from "../../ui";
import styles from "./Auth.module.css";
import { PasswordField } from "./PasswordField";
import { PASSWORD_MIN, wrongToLogIn, wrongToRegister, type Typed, type Wrong } from "./rules";

interface AuthFormProps {
  mode: "login" | "register";
  /** The user whom the relay wants to hear from again: no other may log in here. */
  username?: string | undefined;
  onDone?: () => void;
}

/** The form to log in or to register. */
export function AuthForm({ mode, username, onDone }: AuthFormProps): ReactElement {
  const [typed, setTyped] = useState<Typed>({ username: username ?? "", displayName: "", password: "" });
  const native = useNativeApp() !== null;
  const [deviceName, setDeviceName] = useState(() => guessDeviceName(native));
  const [wrong, setWrong] = useState<Wrong>({});
  const { act, busy, problem } = useAct();
  const form = useRef<HTMLFormElement>(null);

  const change = (field: keyof Typed) => (event: { target: { value: string } }) => {
    setTyped((before) => ({ ...before, [field]: event.target.value }));
    setWrong((before) => ({ ...before, [field]: undefined }));
  };

  const submit = async () => {
    const found = mode === "register" ? wrongToRegister(typed) : wrongToLogIn(typed);
    setWrong(found);
    if (Object.keys(found).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
      return;
    }
    const account = {
      username: typed.username.trim().toLowerCase(),
      password: typed.password,
      device_name: deviceName.trim() || guessDeviceName(native),
    };
    const session =
      mode === "register"
        ? await act({ type: "register", ...account, display_name: typed.displayName.trim() })
        : await act({ type: "login", ...account });
    if (session !== undefined) onDone?.();
  };

  return (
    <form
      ref={form}
      className={styles.form}
      noValidate
      data-testid={mode === "register" ? testIds.registerForm : testIds.loginForm}
      onSubmit={(event: SyntheticEvent) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      <Field
        label={text.auth.username}
        {...(mode === "register" ? { hint: text.auth.usernameHint } : {})}
        error={wrong.username}
        value={typed.username}
        onChange={change("username")}
        readOnly={username !== undefined}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        maxLength={32}
        autoFocus={username === undefined}
        data-testid={testIds.authUsername}
      />
      {mode === "register" && (
        <Field
          label={text.auth.displayName}
          hint={text.auth.displayNameHint}
          error={wrong.displayName}
          value={typed.displayName}
          onChange={change("displayName")}
          name="name"
          autoComplete="name"
          maxLength={64}
          data-testid={testIds.authDisplayName}
        />
      )}
      <PasswordField
        {...(mode === "register" ? { hint: text.auth.passwordHint(PASSWORD_MIN) } : {})}
        error={wrong.password}
        value={typed.password}
        onChange={change("password")}
        name="password"
        autoComplete={mode === "register" ? "new-password" : "current-password"}
        autoFocus={username !== undefined}
      />
      {username === undefined && (
        <details className={styles.device}>
          <summary>{text.auth.deviceName}</summary>
          <Field
            label={text.auth.deviceName}
            hint={text.auth.deviceNameHint}
            value={deviceName}
            onChange={(event) => setDeviceName(event.target.value)}
            maxLength={64}
            data-testid={testIds.authDeviceName}
          />
        </details>
      )}
      {problem !== undefined && <Notice testId={testIds.authProblem}>{problemText(problem)}</Notice>}
      <Button type="submit" kind="primary" wide busy={busy} data-testid={testIds.authSubmit}>
        {text.auth[mode].submit}
      </Button>
    </form>
  );
}
