import type { ButtonHTMLAttributes, ReactElement, Ref } from "react";
import styles from "./Button.module.css";
import { cx } from "./cx";
import { Icon, type IconName } from "./Icon";
import { Spinner } from "./Spinner";

/** How loud a button is. */
export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  icon?: IconName;
  busy?: boolean;
  wide?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with words. While busy it keeps its place and its focus and does nothing. */
export function Button({ kind = "plain", icon, busy, wide, className, children, onClick, ...rest }: ButtonProps): ReactElement {
  return (
    <button
      type="button"
      {...rest}
      className={cx(styles.button, styles[kind], wide && styles.wide, className)}
      aria-disabled={busy === true || undefined}
      aria-busy={busy === true || undefined}
      onClick={(event) => {
        if (busy === true) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy === true ? <Spinner /> : icon !== undefined && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** What it does, for the tooltip and the screen reader. */
  label: string;
  size?: number;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that is only an icon. */
export function IconButton({ icon, label, size, className, ...rest }: IconButtonProps): ReactElement {
  return (
    <button type="button" {...rest} className={cx(styles.iconButton, className)} aria-label={label} title={label}>
      <Icon name={icon} {...(size === undefined ? {} : { size })} />
    </button>
  );
}
