import { useId, type InputHTMLAttributes, type ReactElement, type ReactNode, type Ref } from "react";
import styles from "./Field.module.css";
import { cx } from "./cx";
import { Icon } from "./Icon";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
  /** What is wrong with it, said aloud. */
  error?: string | undefined;
  /** A control at its end. */
  end?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A line of text with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, error, end, id, className, ...rest }: FieldProps): ReactElement {
  const own = useId();
  const input = id ?? own;
  const note = `${input}-note`;
  const described = error ?? hint;
  return (
    <div className={cx(styles.field, className)}>
      <label className={styles.label} htmlFor={input}>
        {label}
      </label>
      <div className={styles.box} data-invalid={error !== undefined || undefined}>
        <input
          {...rest}
          id={input}
          className={styles.input}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={described === undefined ? undefined : note}
        />
        {end}
      </div>
      {described !== undefined && (
        <p id={note} className={error === undefined ? styles.hint : styles.error} role={error === undefined ? undefined : "alert"}>
          {described}
        </p>
      )}
    </div>
  );
}

interface SearchFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  end?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A field to search with. */
export function SearchField({ label, end, className, ...rest }: SearchFieldProps): ReactElement {
  return (
    <div className={cx(styles.search, className)}>
      <Icon name="search" size={18} />
      <input
        type="search"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="search"
        {...rest}
        className={styles.input}
        aria-label={label}
        placeholder={rest.placeholder ?? label}
      />
      {end}
    </div>
  );
}
