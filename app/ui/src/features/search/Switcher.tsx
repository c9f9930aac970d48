import { useId, useState, type KeyboardEvent, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import { useQuery } from "../../hooks/useQuery";
import { useSession } from "../../hooks/useSession";
import { testIds } from "../../testids";
import { faceOf, text, titleOf } from "../../text";
import { Avatar, cx, Dialog, Icon, SearchField } from "../../ui";
import { rank } from "./rank";
import styles from "./Search.module.css";

const SHOWN = 8;

interface SwitcherProps {
  onOpen: (conversation: ConversationId) => void;
  onSearch: (query: string) => void;
  onClose: () => void;
}

/** Goes to a conversation by a few letters of its name; the last choice searches the messages. */
export function Switcher({ onOpen, onSearch, onClose }: SwitcherProps): ReactElement {
  const { data } = useQuery({ type: "conversations", hidden: true });
  const me = useSession()?.user?.id;
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const rows = rank(data?.rows ?? [], query).slice(0, SHOWN);
  const count = rows.length + (query.trim() === "" ? 0 : 1);
  const at = Math.min(active, count - 1);
  const option = (place: number) => `${id}-${place}`;

  const choose = (place: number) => {
    const row = rows[place];
    if (row !== undefined) onOpen(row.id);
    else if (query.trim() !== "") onSearch(query.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setActive(count === 0 ? 0 : (to + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(at);
    }
  };

  return (
    <Dialog title={text.search.switcher} hideTitle closeLabel={text.common.close} onClose={onClose} size="medium" testId={testIds.switcher}>
      <div className={styles.switcher}>
        <SearchField
          label={text.search.switcherField}
          value={query}
          role="combobox"
          aria-expanded={count > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={count > 0 ? option(at) : undefined}
          data-testid={testIds.switcherInput}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul role="listbox" id={`${id}-list`} aria-label={text.search.results} className={styles.choices}>
          {rows.map((row, place) => (
            <li
              key={row.id}
              id={option(place)}
              role="option"
              aria-selected={place === at}
              className={cx(styles.choice, place === at && styles.active)}
              data-testid={testIds.switcherRow}
              data-id={row.id}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(place)}
            >
              <Avatar {...faceOf(row, me)} size="sm" />
              <bdi className={styles.choiceName}>{titleOf(row)}</bdi>
              {row.unread > 0 && <span className={styles.count}>{text.list.unreadShort(row.unread, row.unread_more)}</span>}
            </li>
          ))}
          {query.trim() !== "" && (
            <li
              id={option(rows.length)}
              role="option"
              aria-selected={at === rows.length}
              className={cx(styles.choice, at === rows.length && styles.active)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(rows.length)}
            >
              <span className={styles.choiceIcon}>
                <Icon name="search" size={18} />
              </span>
              <span className={styles.choiceName}>{text.search.switcherMessages(query.trim())}</span>
            </li>
          )}
        </ul>
      </div>
    </Dialog>
  );
}
