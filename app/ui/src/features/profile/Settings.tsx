import type { ReactElement, ReactNode } from "react";
import { uuidv7 } from "../../bridge/ids";
import { setTheme, useTheme } from "../../hooks/theme";
import { useAct } from "../../hooks/useAct";
import { useSession } from "../../hooks/useSession";
import { testIds } from "../../testids";
import { problemText, text } from "../../text";
import { Avatar, Choice, IconButton, Notice, SkeletonRows, Switch } from "../../ui";
import { Blocked } from "./Blocked";
import { Devices } from "./Devices";
import { Logout } from "./Logout";
import { NameForm } from "./NameForm";
import styles from "./Settings.module.css";

/** A part of the settings under its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className={styles.section}>
      <h2 className={styles.heading}>{title}</h2>
      {children}
    </section>
  );
}

const themes = (["system", "light", "dark"] as const).map((value) => ({ value, label: text.profile.themes[value] }));

/** One's own profile and how Confab is to behave. */
export function Settings({ narrow, device, notices, onBack }: { narrow: boolean; device?: ReactNode; notices?: ReactNode; onBack: () => void }): ReactElement {
  const session = useSession();
  const theme = useTheme();
  const { act, problem } = useAct();
  const me = session?.user;
  return (
    <div className={styles.settings} data-testid={testIds.settings}>
      <header className={styles.bar}>
        <IconButton icon={narrow ? "back" : "close"} label={narrow ? text.common.back : text.common.close} onClick={onBack} />
        <h1>{text.profile.title}</h1>
      </header>
      <div className={styles.body}>
        {session === undefined || me == null ? (
          <SkeletonRows count={4} label={text.common.loading} />
        ) : (
          <div className={styles.column}>
            <div className={styles.me}>
              <Avatar id={me.id} name={me.display_name} size="xl" />
              <div className={styles.meNames}>
                <bdi className={styles.meName}>{me.display_name}</bdi>
                <span className={styles.sub}>{text.people.at(me.username)}</span>
                {session.relay !== "" && <span className={styles.sub}>{text.auth.relay(session.relay)}</span>}
              </div>
            </div>
            {problem !== undefined && <Notice>{problemText(problem)}</Notice>}
            <Section title={text.profile.you}>
              <NameForm key={me.display_name} name={me.display_name} />
            </Section>
            <Section title={text.profile.appearance}>
              <Choice label={text.profile.theme} value={theme} options={themes} onChange={setTheme} testId={testIds.theme} />
            </Section>
            {notices !== undefined && <Section title={text.notify.device}>{notices}</Section>}
            {device !== undefined && <Section title={text.accounts.settings.title}>{device}</Section>}
            <Section title={text.profile.privacy}>
              <Switch
                label={text.profile.shareRead}
                hint={text.profile.shareReadHint}
                checked={session.share_read}
                onChange={(on) => void act({ type: "set_profile", id: uuidv7(), share_read: on })}
                testId={testIds.shareRead}
              />
            </Section>
            <Section title={text.profile.blocked}>
              <Blocked blocked={session.blocked} />
            </Section>
            <Section title={text.profile.devices}>
              <Devices online={session.connection === "online"} />
            </Section>
            <Section title={text.profile.logout}>
              <Logout unsent={session.unsent + session.failed} />
            </Section>
          </div>
        )}
      </div>
    </div>
  );
}
