import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from "react";
import styles from "./Toast.module.css";

/** A short word about what just happened. */
export interface Toast {
  text: string;
  kind?: "plain" | "danger";
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6_000;
const Context = createContext<(toast: Toast) => void>(() => undefined);

/** Where toasts appear. One at a time; a new one takes the place of the old. It stays while one points at it. */
export function ToastProvider({ children, testId }: { children: ReactNode; testId?: string }): ReactElement {
  const [shown, setShown] = useState<(Toast & { key: number }) | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const rest = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setShown(null), SHOWN_MS);
  }, []);
  const show = useCallback(
    (toast: Toast) => {
      setShown({ ...toast, key: Date.now() });
      rest();
    },
    [rest],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  const place = useMemo(
    () => (
      <div className={styles.place} role="status" aria-live="polite">
        {shown !== null && (
          <div
            key={shown.key}
            className={styles.toast}
            data-kind={shown.kind ?? "plain"}
            data-testid={testId}
            onPointerEnter={() => clearTimeout(timer.current)}
            onPointerLeave={rest}
          >
            <span>{shown.text}</span>
            {shown.action !== undefined && (
              <button
                type="button"
                onClick={() => {
                  shown.action?.run();
                  setShown(null);
                }}
              >
                {shown.action.label}
              </button>
            )}
          </div>
        )}
      </div>
    ),
    [shown, rest, testId],
  );
  return (
    <Context value={show}>
      {children}
      {place}
    </Context>
  );
}

/** Shows a toast. */
export function useToast(): (toast: Toast) => void {
  return use(Context);
}
