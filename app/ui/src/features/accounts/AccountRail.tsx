import type { ReactElement } from "react";
import type { AccountView } from "../../bridge/generated/native/AccountView";
import { keysOf } from "../../hooks/keys";
import { testIds } from "../../testids";
import { formatNumber, text } from "../../text";
import { Avatar, Icon } from "../../ui";
import styles from "./Accounts.module.css";
import { hostOf } from "./host";

interface AccountRailProps {
  accounts: AccountView[];
  selected: number | null;
  onSelect: (account: number) => void;
  onAdd: () => void;
}

/** The accounts beside each other, with what is unread in each. */
export function AccountRail({ accounts, selected, onSelect, onAdd }: AccountRailProps): ReactElement {
  return (
    <nav className={styles.rail} aria-label={text.accounts.rail.title} data-testid={testIds.rail}>
      {accounts.map((account) => {
        const { user } = account;
        const label =
          user === null
            ? text.accounts.rail.empty(hostOf(account.relay))
            : text.accounts.rail.unread(user.display_name, hostOf(account.relay), account.unread);
        return (
          <button
            key={account.account}
            type="button"
            className={styles.account}
            aria-label={label}
            title={label}
            aria-current={account.account === selected}
            data-offline={(user !== null && account.connection !== "online") || undefined}
            data-testid={testIds.railAccount}
            data-id={account.account}
            onClick={() => onSelect(account.account)}
          >
            {user === null ? <Icon name="user" /> : <Avatar id={user.id} name={user.display_name} size="md" />}
            {account.unread > 0 && (
              <span className={styles.badge} aria-hidden="true">
                {account.unread > 99 ? text.accounts.rail.more : formatNumber(account.unread)}
              </span>
            )}
          </button>
        );
      })}
      <button type="button" className={styles.add} aria-label={text.accounts.rail.add} title={text.accounts.rail.addKeys(keysOf("N", true))} onClick={onAdd} data-testid={testIds.railAdd}>
        <Icon name="plus" />
      </button>
    </nav>
  );
}
