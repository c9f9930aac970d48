import { type ReactElement, useEffect, useRef, useState } from "react";
import type { ConversationId } from "../../../bridge/generated/ConversationId";
import type { MessageId } from "../../../bridge/generated/MessageId";
import { useQuery } from "../../../hooks/useQuery";
import { formatWhen, text } from "../../../text";
import { useNow } from "../../../hooks/useNow";
import { testIds } from "../../../testids";
import { IconButton, Snippet } from "../../../ui";
import styles from "./InSearch.module.css";

interface InSearchProps {
  conversation: ConversationId;
  onJump: (seq: number) => void;
  onClose: () => void;
}

const PAUSE_MS = 150;
const LIMIT = 50;
const MINUTE_MS = 60_000;

/** Searches what is held of this conversation, and leads from match to match. */
export function InSearch({ conversation, onJump, onClose }: InSearchProps): ReactElement {
  const t = text.conversation.search;
  const now = useNow(MINUTE_MS);
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [query, setQuery] = useState("");
  // By its id: newer matches may come in before it.
  const [pointedAt, setPointedAt] = useState<MessageId | null>(null);
  const [limit, setLimit] = useState(LIMIT);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => {
      setQuery(typed.trim());
      setLimit(LIMIT);
      setPointedAt(null);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery(query === "" ? null : { type: "search", text: query, conversation, limit }, { keep: true });
  const hits = query === "" ? [] : (found.data?.hits ?? []);
  const at = pointedAt === null ? -1 : hits.findIndex((hit) => hit.message === pointedAt);
  const more = found.data?.next !== null && found.data?.next !== undefined;
  const go = (to: number) => {
    const hit = hits[to];
    if (!hit) return;
    setPointedAt(hit.message);
    onJump(hit.seq);
  };
  const words = (): string => {
    if (query === "") return "";
    if (found.data === undefined) return text.common.loading;
    if (hits.length === 0) return t.none;
    return at < 0 ? t.found(hits.length, more) : t.position(at + 1, hits.length, more);
  };
  return (
    <div
      className={styles.search}
      role="search"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <div className={styles.line}>
        <div className={styles.box}>
          <input
            ref={input}
            type="search"
            className={styles.input}
            value={typed}
            placeholder={t.placeholder}
            aria-label={t.label}
            enterKeyHint="search"
            data-testid={testIds.inSearchInput}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              go(event.shiftKey ? Math.max(0, at - 1) : Math.min(hits.length - 1, at + 1));
            }}
          />
          <span className={styles.count} role="status">
            {words()}
          </span>
        </div>
        <IconButton
          icon="down"
          className={styles.up ?? ""}
          label={t.older}
          disabled={at >= hits.length - 1}
          data-testid={testIds.inSearchOlder}
          onClick={() => go(at + 1)}
        />
        <IconButton
          icon="down"
          label={t.newer}
          disabled={at <= 0}
          data-testid={testIds.inSearchNewer}
          onClick={() => go(at - 1)}
        />
        <IconButton icon="close" label={t.close} onClick={onClose} />
      </div>
      {at < 0 && hits.length > 0 && (
        <ul className={styles.hits}>
          {hits.map((hit, index) => (
            <li key={hit.message}>
              <button
                type="button"
                className={styles.hit}
                data-testid={testIds.inSearchHit}
                data-seq={hit.seq}
                onClick={() => go(index)}
              >
                <span className={styles.head}>
                  <bdi className={styles.name}>{hit.own ? text.conversation.you : hit.sender_name}</bdi>
                  <span className={styles.when}>{formatWhen(hit.at, now)}</span>
                </span>
                <span className={styles.snippet} dir="auto">
                  <Snippet snippet={hit.snippet} matches={hit.matches} />
                </span>
              </button>
            </li>
          ))}
          {more && (
            <li>
              <button type="button" className={styles.more} onClick={() => setLimit(limit + LIMIT)}>
                {t.more}
              </button>
            </li>
          )}
        </ul>
      )}
      {query !== "" && (found.data?.not_searched ?? 0) > 0 && at < 0 && (
        <p className={styles.note}>{t.notSearched(found.data?.not_searched ?? 0)}</p>
      )}
    </div>
  );
}
