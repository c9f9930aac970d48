import { useRef, type KeyboardEvent, type ReactElement } from "react";
import type { ConversationId } from "../../bridge/generated/ConversationId";
import type { ConversationRow } from "../../bridge/generated/ConversationRow";
import type { SearchHit } from "../../bridge/generated/SearchHit";
import { useNow } from "../../hooks/useNow";
import { useQuery } from "../../hooks/useQuery";
import { useSession } from "../../hooks/useSession";
import { testIds } from "../../testids";
import { faceOf, formatFull, formatWhen, problemText, text, titleOf } from "../../text";
import { Avatar, Button, Empty, Hidden, IconButton, Notice, SearchField, Snippet, Spinner } from "../../ui";
import { rank } from "./rank";
import styles from "./Search.module.css";
import { useSearch } from "./useSearch";

const CONVERSATIONS_SHOWN = 5;

interface SearchPaneProps {
  query: string;
  onQuery: (query: string) => void;
  onOpen: (conversation: ConversationId, seq?: number) => void;
  onClose: () => void;
}

function Hit({ hit, now, onOpen }: { hit: SearchHit; now: number; onOpen: () => void }): ReactElement {
  const who = hit.own ? text.search.you : hit.sender_name || text.common.deletedUser;
  const where = hit.title || text.common.notesToSelf;
  return (
    <li className={styles.item}>
      <a
        href={`#/c/${hit.conversation}/m/${hit.seq}`}
        className={styles.hit}
        data-testid={testIds.searchHit}
        data-id={hit.message}
        data-stop
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onOpen();
        }}
      >
        <span className={styles.hitHead}>
          <bdi className={styles.hitTitle}>{where}</bdi>
          <time dateTime={new Date(hit.at).toISOString()} title={formatFull(hit.at)}>
            {formatWhen(hit.at, now)}
          </time>
        </span>
        <span className={styles.snippet}>
          {who !== where && <span className={styles.who}>{text.list.from(who)} </span>}
          <Snippet snippet={hit.snippet} matches={hit.matches} />
        </span>
      </a>
    </li>
  );
}

function Conversations({ rows, onOpen }: { rows: readonly ConversationRow[]; onOpen: (conversation: ConversationId) => void }): ReactElement {
  const me = useSession()?.user?.id;
  return (
    <section>
      <h2 className={styles.heading}>{text.search.conversations}</h2>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <button type="button" className={styles.conversation} data-stop onClick={() => onOpen(row.id)}>
              <Avatar {...faceOf(row, me)} size="sm" />
              <bdi>{titleOf(row)}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Searches the messages on this device. Within one conversation its own screen searches. */
export function SearchPane({ query, onQuery, onOpen, onClose }: SearchPaneProps): ReactElement {
  const list = useQuery({ type: "conversations", hidden: true });
  const found = useSearch(query);
  const now = useNow(60_000);
  const pane = useRef<HTMLDivElement>(null);
  const rows = list.data?.rows ?? [];
  const people = query.trim() !== "" ? rank(rows, query).slice(0, CONVERSATIONS_SHOWN) : [];
  const empty = query.trim() !== "" && !found.busy && found.hits.length === 0 && people.length === 0;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      onClose();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...(pane.current?.querySelectorAll<HTMLElement>("input, [data-stop]") ?? [])];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const to = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    to.focus();
  };

  return (
    <section ref={pane} className={styles.pane} aria-label={text.search.title} data-testid={testIds.searchPane} onKeyDown={onKeyDown}>
      <Hidden>
        <h1>{text.search.title}</h1>
      </Hidden>
      <header className={styles.bar}>
        <IconButton icon="back" label={text.common.back} onClick={onClose} />
        <SearchField
          className={styles.field ?? ""}
          label={text.search.field}
          value={query}
          autoFocus
          data-testid={testIds.searchInput}
          onChange={(event) => onQuery(event.target.value)}
          end={
            found.busy ? (
              <span className={styles.spinner}>
                <Spinner />
              </span>
            ) : query !== "" ? (
              <IconButton icon="close" size={16} label={text.search.clear} onClick={() => onQuery("")} />
            ) : undefined
          }
        />
      </header>
      <div className={styles.results}>
        {found.problem !== undefined && <Notice>{problemText(found.problem)}</Notice>}
        {people.length > 0 && <Conversations rows={people} onOpen={onOpen} />}
        {found.hits.length > 0 && (
          <section>
            <h2 className={styles.heading}>
              <span role="status">{text.search.found(found.hits.length, found.next !== null)}</span>
            </h2>
            <ul>
              {found.hits.map((hit) => (
                <Hit key={hit.message} hit={hit} now={now} onOpen={() => onOpen(hit.conversation, hit.seq)} />
              ))}
            </ul>
            {found.next !== null && (
              <Button kind="quiet" wide data-stop onClick={found.more}>
                {text.search.more}
              </Button>
            )}
          </section>
        )}
        {empty && (
          <Empty icon="search" title={text.search.none}>
            {text.search.noneText(query.trim())}
          </Empty>
        )}
        {query.trim() === "" && (
          <Empty icon="search" title={text.search.title}>
            {text.search.hint}
          </Empty>
        )}
        {found.notSearched > 0 && !found.busy && (
          <Notice kind="info" testId={testIds.searchNotSearched}>
            {text.search.notSearched(found.notSearched)}
          </Notice>
        )}
      </div>
    </section>
  );
}
