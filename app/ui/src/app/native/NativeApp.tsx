import { useCallback, useMemo, useState, type ReactElement } from "react";
import type { AccountView } from "../../bridge/generated/native/AccountView";
import type { ShellRequest } from "../../bridge/generated/native/ShellRequest";
import type { ShellView } from "../../bridge/generated/native/ShellView";
import type { Native } from "../../bridge/native";
import { AccountRail, BrokenAccount, SecretsGate, Welcome } from "../../features/accounts";
import { BridgeProvider } from "../../hooks/bridge";
import { NativeProvider, useShellView } from "../../hooks/native";
import { asProblem } from "../../hooks/queries";
import { useAsked } from "../../hooks/useAsked";
import { testIds } from "../../testids";
import { problemText } from "../../text";
import { ToastProvider, useToast } from "../../ui";
import { AppFailed } from "../Failed";
import { go, type Route } from "../route";
import { Shell } from "../Shell";
import { Splash } from "../Splash";
import styles from "./NativeApp.module.css";
import { useLinks } from "./useLinks";
import { useNativeKeys } from "./useNativeKeys";
import { usePainted } from "./usePainted";

/** The native app: its accounts beside each other, one of them shown. */
export function NativeApp({ native }: { native: Native }): ReactElement {
  const { view, problem } = useShellView(native);
  if (view !== undefined) {
    return (
      <ToastProvider testId={testIds.toast}>
        <Accounts native={native} view={view} />
      </ToastProvider>
    );
  }
  return problem === undefined ? <Splash /> : <AppFailed native={native} problem={problem} />;
}

/** What somebody begins with who adds an account. */
interface Adding {
  address: string;
  /** Where a link to this relay leads. */
  place?: Route;
}

function Accounts({ native, view }: { native: Native; view: ShellView }): ReactElement {
  const [adding, setAdding] = useState<Adding | null>(null);
  const selected = view.accounts.find((account) => account.account === view.selected);
  const toast = useToast();

  /** For what has no place of its own to say that it failed. */
  const failed = useCallback((error: unknown) => toast({ kind: "danger", text: problemText(asProblem(error)) }), [toast]);
  const ask = useCallback((request: ShellRequest) => void native.request(request).catch(failed), [native, failed]);
  const zoom = useAsked(view.settings.zoom, (to) => native.request({ type: "set", settings: { zoom: to } }));
  const select = (account: number) => {
    setAdding(null);
    go({ page: "list" }, true);
    ask({ type: "select", account });
  };
  // Asked for once more, what is typed already stays.
  const addAccount = useCallback((address = "") => setAdding((before) => (address === "" && before !== null ? before : { address })), []);

  const keepPlace = useLinks(native, view, {
    account: () => setAdding(null),
    relay: (address, place) => setAdding({ address, place }),
  });
  useNativeKeys(native, view, {
    select,
    add: addAccount,
    zoom: (next) => void zoom(next).catch(failed),
    quit: () => ask({ type: "quit" }),
  });
  const value = useMemo(() => ({ native, view, addAccount, zoom }), [native, view, addAccount, zoom]);

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
                key={adding?.address ?? ""}
                native={native}
                address={adding?.address ?? ""}
                onCancel={selected === undefined ? null : () => setAdding(null)}
                onAdded={(account, relay) => {
                  go({ page: "list" }, true);
                  if (account !== null && adding?.place !== undefined && adding.address === relay) keepPlace(account, adding.place);
                  setAdding(null);
                }}
              />
            ) : (
              <Account key={selected.account} native={native} account={selected} alone={view.accounts.length === 1} onAdd={addAccount} />
            )}
          </div>
        </div>
      </div>
    </NativeProvider>
  );
}

interface AccountProps {
  native: Native;
  account: AccountView;
  alone: boolean;
  onAdd: () => void;
}

function Account({ native, account, alone, onAdd }: AccountProps): ReactElement {
  const { problem } = account;
  if (problem !== null) return <BrokenAccount native={native} account={account} problem={problem} alone={alone} onAdd={() => onAdd()} />;
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
