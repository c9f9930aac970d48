import { useCallback, useEffect, useMemo, useState, type ReactElement } from "react";
import type { AccountView } from "../../bridge/generated/native/AccountView";
import type { ShellView } from "../../bridge/generated/native/ShellView";
import type { Native } from "../../bridge/native";
import { AccountRail, BrokenAccount, SecretsGate, Welcome } from "../../features/accounts";
import { BridgeProvider } from "../../hooks/bridge";
import { NativeProvider, useShellView } from "../../hooks/native";
import { problemText } from "../../text";
import { Failed } from "../ErrorBoundary";
import { go } from "../route";
import { Shell } from "../Shell";
import { Splash } from "../Splash";
import styles from "./NativeApp.module.css";
import { useNativeKeys } from "./useNativeKeys";
import { usePainted } from "./usePainted";

/** The native app: its accounts beside each other, one of them shown. */
export function NativeApp({ native }: { native: Native }): ReactElement {
  const { view, problem } = useShellView(native);
  if (view !== undefined) return <Accounts native={native} view={view} />;
  // Its own words: the folder, the lock, the version are what a person needs to know here.
  if (problem !== undefined) return <Failed words={problem.code === "internal_client" ? problemText(problem) : problem.message} />;
  return <Splash />;
}

function Accounts({ native, view }: { native: Native; view: ShellView }): ReactElement {
  /** The address to begin with, while somebody adds an account. */
  const [adding, setAdding] = useState<string | null>(null);
  const selected = view.accounts.find((account) => account.account === view.selected);

  const select = useCallback(
    (account: number) => {
      setAdding(null);
      go({ page: "list" }, true);
      native.request({ type: "select", account }).catch(() => undefined);
    },
    [native],
  );
  const addAccount = useCallback((address = "") => setAdding(address), []);
  useLinks(native, addAccount, () => setAdding(null));
  useNativeKeys(native, view, select, addAccount);
  const value = useMemo(() => ({ native, view, addAccount }), [native, view, addAccount]);

  const welcome = adding !== null || selected === undefined;
  return (
    <NativeProvider value={value}>
      <div className={styles.app}>
        <SecretsGate native={native} secrets={view.secrets} />
        <div className={styles.body}>
          {view.accounts.length > 1 && (
            <AccountRail accounts={view.accounts} selected={welcome ? null : view.selected} onSelect={select} onAdd={() => addAccount()} />
          )}
          <div className={styles.account}>
            {welcome ? (
              <Welcome
                key={adding}
                native={native}
                address={adding ?? ""}
                onCancel={selected === undefined ? null : () => setAdding(null)}
                onAdded={() => {
                  go({ page: "list" }, true);
                  setAdding(null);
                }}
              />
            ) : (
              <Account key={selected.account} native={native} account={selected} />
            )}
          </div>
        </div>
      </div>
    </NativeProvider>
  );
}

function Account({ native, account }: { native: Native; account: AccountView }): ReactElement {
  if (account.problem !== null) return <BrokenAccount problem={account.problem} />;
  return (
    <BridgeProvider bridge={native.account(account.account)}>
      <Painted native={native} />
      <Shell />
    </BridgeProvider>
  );
}

function Painted({ native }: { native: Native }): null {
  usePainted(native);
  return null;
}

/** Follows deep links and clicked notifications: the app has selected the account already. */
function useLinks(native: Native, addAccount: (address: string) => void, onAccount: () => void): void {
  useEffect(() => {
    const take = () => {
      native.request({ type: "take_link" }).then(
        (link) => {
          if (link.account !== null) {
            onAccount();
            const { conversation, seq } = link;
            if (conversation === null) go({ page: "list" });
            else go({ page: "conversation", conversation, details: false, ...(seq === null ? {} : { seq }) });
          } else if (link.relay !== null) addAccount(link.relay);
        },
        () => undefined,
      );
    };
    take();
    return native.subscribe((event) => {
      if (event.type === "link") take();
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- What to do is the same at every paint.
  }, [native]);
}
