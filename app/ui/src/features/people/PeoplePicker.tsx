import { useId, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from "react";
import type { User } from "../../bridge/generated/User";
import type { UserId } from "../../bridge/generated/UserId";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Avatar, cx, Icon, Notice, SearchField, Spinner } from "../../ui";
import styles from "./People.module.css";
import { usePeople } from "./usePeople";

const NOBODY: ReadonlySet<UserId> = new Set();

interface PeoplePickerProps {
  /** Those chosen so far; absent where one pick is all. */
  chosen?: readonly User[];
  without?: ReadonlySet<UserId>;
  onPick: (user: User) => void;
  /** Stands between the field and the people while nothing is typed. */
  children?: ReactNode;
  autoFocus?: boolean;
}

interface PersonProps {
  user: User;
  id: string;
  active: boolean;
  chosen: boolean;
  multi: boolean;
  onPick: (user: User) => void;
}

function Person({ user, id, active, chosen, multi, onPick }: PersonProps): ReactElement {
  return (
    <li
      id={id}
      role="option"
      aria-selected={multi ? chosen : active}
      className={cx(styles.person, active && styles.active)}
      data-testid={testIds.person}
      data-id={user.id}
      // The field keeps the focus, and with it the keyboard.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onPick(user)}
    >
      <Avatar id={user.id} name={user.display_name} />
      <span className={styles.names}>
        <bdi className={styles.name}>{user.display_name}</bdi>
        <span className={styles.username}>{text.people.at(user.username)}</span>
      </span>
      {multi && (
        <span className={styles.check} data-on={chosen || undefined}>
          {chosen && <Icon name="check" size={14} />}
        </span>
      )}
    </li>
  );
}

/** A field and the people that it finds: a combobox, moved through with arrows and picked with Enter. */
export function PeoplePicker({ chosen, without = NOBODY, onPick, children, autoFocus }: PeoplePickerProps): ReactElement {
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const { known, found, searching, offline, problem } = usePeople(query, without);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const all = [...known, ...found];
  const at = Math.min(active, all.length - 1);
  const option = (place: number) => `${id}-${place}`;

  const pick = (user: User) => {
    onPick(user);
    if (chosen !== undefined) {
      setQuery("");
      setActive(0);
    }
  };
  const move = (event: KeyboardEvent, to: number) => {
    event.preventDefault();
    setActive(to);
    document.getElementById(option(to))?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") move(event, Math.min(at + 1, all.length - 1));
    else if (event.key === "ArrowUp") move(event, Math.max(at - 1, 0));
    else if (event.key === "Enter") {
      event.preventDefault();
      const user = all[at];
      if (user !== undefined) pick(user);
    } else if (event.key === "Backspace" && query === "" && chosen !== undefined && chosen.length > 0) {
      const last = chosen[chosen.length - 1];
      if (last !== undefined) onPick(last);
    }
  };
  const rows = (users: readonly User[], from: number) =>
    users.map((user, place) => (
      <Person
        key={user.id}
        user={user}
        id={option(from + place)}
        active={from + place === at}
        multi={chosen !== undefined}
        chosen={chosen?.some((other) => other.id === user.id) ?? false}
        onPick={pick}
      />
    ));

  return (
    <div className={styles.picker}>
      {chosen !== undefined && chosen.length > 0 && (
        <ul className={styles.chips} aria-label={text.people.chosen(chosen.length)}>
          {chosen.map((user) => (
            <li key={user.id}>
              <button type="button" className={styles.chip} aria-label={text.people.remove(user.display_name)} onClick={() => onPick(user)}>
                <Avatar id={user.id} name={user.display_name} size="xs" />
                <bdi>{user.display_name}</bdi>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <SearchField
        label={text.people.search}
        value={query}
        autoFocus={autoFocus === true}
        role="combobox"
        aria-expanded={all.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={all.length > 0 ? option(at) : undefined}
        aria-autocomplete="list"
        data-testid={testIds.peopleSearch}
        end={searching ? <span className={styles.spinner}><Spinner /></span> : undefined}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      {offline && <Notice kind="info">{text.people.offline}</Notice>}
      {problem !== undefined && (
        <div role="status">
          <Notice kind="warn" testId={testIds.peopleProblem}>{text.people.notFound(problemText(problem))}</Notice>
        </div>
      )}
      {query === "" && children}
      <div ref={list} className={styles.results}>
        <div role="listbox" id={`${id}-list`} aria-label={text.people.search} aria-multiselectable={chosen !== undefined}>
          {known.length > 0 && (
            <ul role="group" aria-label={text.people.known}>
              <li role="presentation" className={styles.heading}>{text.people.known}</li>
              {rows(known, 0)}
            </ul>
          )}
          {found.length > 0 && (
            <ul role="group" aria-label={text.people.found}>
              <li role="presentation" className={styles.heading}>{text.people.found}</li>
              {rows(found, known.length)}
            </ul>
          )}
        </div>
        {all.length === 0 && problem === undefined && (
          <p className={styles.nobody} role="status">
            {searching ? text.people.searching : query === "" ? text.people.nobodyKnownText : text.people.nobodyText(query.trim())}
          </p>
        )}
      </div>
    </div>
  );
}
