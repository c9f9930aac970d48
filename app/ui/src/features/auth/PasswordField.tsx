import { useState, type InputHTMLAttributes, type ReactElement, type Ref } from "react";
import { testIds } from "../../testids";
import { text } from "../../text";
import { Field, IconButton } from "../../ui";

interface PasswordFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  hint?: string;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

/** A password that can be looked at. */
export function PasswordField(props: PasswordFieldProps): ReactElement {
  const [shown, setShown] = useState(false);
  return (
    <Field
      {...props}
      label={text.auth.password}
      type={shown ? "text" : "password"}
      autoCapitalize="none"
      spellCheck={false}
      maxLength={256}
      data-testid={testIds.authPassword}
      end={
        <IconButton
          icon={shown ? "hide" : "show"}
          label={shown ? text.auth.hidePassword : text.auth.showPassword}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
