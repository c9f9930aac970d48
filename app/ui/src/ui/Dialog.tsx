import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react";
import styles from "./Dialog.module.css";
import { Button, IconButton } from "./Button";
import { cx } from "./cx";

interface DialogProps {
  title: string;
  /** The title is only for screen readers. */
  hideTitle?: boolean;
  /** The name of the cross; absent where the actions below suffice. */
  closeLabel?: string;
  onClose: () => void;
  size?: "small" | "medium";
  /** Stands above the rest on phones and fills them. */
  full?: boolean;
  /** Actions below. */
  footer?: ReactNode;
  children: ReactNode;
  testId?: string;
}

/** A modal dialog on the native element: focus stays within, Escape and a click beside it close it. */
export function Dialog({ title, hideTitle, closeLabel, onClose, size = "small", full, footer, children, testId }: DialogProps): ReactElement {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      // The element would focus its first button; a field that waits to be filled comes first.
      dialog.querySelector<HTMLElement>("[data-autofocus], input:not([readonly]), textarea")?.focus();
    }
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={cx(styles.dialog, styles[size], full === true && styles.full)}
      aria-labelledby={heading}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className={styles.box}>
        <header className={cx(styles.header, hideTitle === true && styles.hidden)}>
          <h2 id={heading}>{title}</h2>
          {closeLabel !== undefined && <IconButton icon="close" label={closeLabel} onClick={onClose} />}
        </header>
        <div className={styles.body}>{children}</div>
        {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ReactNode;
  confirmLabel: string;
  cancelLabel: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  testId?: string;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, children, confirmLabel, cancelLabel, danger, busy, onConfirm, onClose, testId }: ConfirmProps): ReactElement {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} data-autofocus>
            {cancelLabel}
          </Button>
          <Button kind={danger === true ? "danger" : "primary"} busy={busy === true} onClick={onConfirm} data-testid={testId}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      <div className={styles.question}>{children}</div>
    </Dialog>
  );
}
