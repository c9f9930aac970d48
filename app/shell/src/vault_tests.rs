use super::*;

/// A keychain in memory, which can be taken away, locked or changed.
#[derive(Clone, Default)]
struct Drawer(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    held: Option<Vec<u8>>,
    error: Option<KeychainError>,
    puts: u32,
    gets: u32,
    /// To look at while the person is asked.
    vault: std::sync::Weak<Vault>,
    in_the_way: bool,
}

impl Drawer {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }
}

impl Keychain for Drawer {
    fn get(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        let mut inside = self.inside();
        inside.gets += 1;
        inside.in_the_way |= inside.vault.upgrade().is_some_and(|vault| vault.state.try_lock().is_err());
        inside.error.clone().map_or_else(|| Ok(inside.held.clone()), Err)
    }

    fn put(&self, secret: &[u8]) -> Result<(), KeychainError> {
        let mut inside = self.inside();
        if let Some(error) = &inside.error {
            return Err(error.clone());
        }
        inside.held = Some(secret.to_vec());
        inside.puts += 1;
        Ok(())
    }
}

fn open(folder: &Path, drawer: &Drawer) -> Arc<Vault> {
    let vault = Arc::new(Vault::new(folder, Box::new(drawer.clone())));
    vault.open();
    vault
}

fn secrets(vault: &Arc<Vault>) -> VaultSecrets {
    VaultSecrets(vault.clone())
}

fn why(vault: &Vault) -> Option<Closed> {
    match vault.view() {
        SecretsView::Closed { why, .. } => Some(why),
        _ => None,
    }
}

const READY: SecretsView = SecretsView::Ready { place: SecretsPlace::Keychain };

#[test]
fn tokens_survive_a_restart_and_are_never_in_clear_in_the_file() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let vault = open(folder.path(), &drawer);
    assert_eq!(vault.view(), READY);
    secrets(&vault).save("alice", "token-one").unwrap();
    secrets(&vault).save("bob", "token-two").unwrap();
    secrets(&vault).save("alice", "token-three").unwrap();
    let again = secrets(&open(folder.path(), &drawer));
    assert_eq!(again.load("alice").unwrap().as_deref(), Some("token-three"));
    assert_eq!(again.load("bob").unwrap().as_deref(), Some("token-two"));
    again.remove("bob").unwrap();
    assert_eq!(again.load("bob").unwrap(), None);
    let file = std::fs::read_to_string(folder.path().join("secrets.json")).unwrap();
    assert!(!file.contains("token-"), "{file}");
    // The keychain is written once, not with every token.
    assert_eq!(drawer.inside().puts, 1);
    assert!(!folder.path().join("secrets.key").exists());
}

#[test]
fn without_a_keychain_nothing_is_kept_until_the_person_agrees_to_a_file() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    drawer.inside().error = Some(KeychainError::Missing("no service".into()));
    let vault = open(folder.path(), &drawer);
    assert_eq!(why(&vault), Some(Closed::Missing));
    assert!(secrets(&vault).save("alice", "x").unwrap_err().contains("no service"));
    assert!(!folder.path().join("secrets.json").exists());

    vault.keep_in(SecretsPlace::File).unwrap();
    assert_eq!(vault.view(), SecretsView::Ready { place: SecretsPlace::File });
    secrets(&vault).save("alice", "x").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("secrets.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // From now on the keychain is not asked.
    let again = open(folder.path(), &drawer);
    assert_eq!(secrets(&again).load("alice").unwrap().as_deref(), Some("x"));
    // There is still no keychain: they stay.
    assert!(again.keep_in(SecretsPlace::Keychain).is_err());
    assert_eq!(secrets(&again).load("alice").unwrap().as_deref(), Some("x"));
    // A keychain came: they move there.
    drawer.inside().error = None;
    again.keep_in(SecretsPlace::Keychain).unwrap();
    assert_eq!(again.view(), READY);
    assert_eq!(secrets(&open(folder.path(), &drawer)).load("alice").unwrap().as_deref(), Some("x"));
}

#[test]
fn a_locked_keychain_loses_nothing_and_opens_when_asked_again() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    secrets(&open(folder.path(), &drawer)).save("alice", "x").unwrap();
    drawer.inside().error = Some(KeychainError::Locked("locked".into()));
    let vault = open(folder.path(), &drawer);
    assert_eq!(why(&vault), Some(Closed::Locked));
    assert!(secrets(&vault).load("alice").is_err(), "an error, not 'no token': that would end the session");
    vault.keep_in(SecretsPlace::Keychain).unwrap();
    assert_eq!(why(&vault), Some(Closed::Locked));
    drawer.inside().error = None;
    vault.keep_in(SecretsPlace::Keychain).unwrap();
    assert_eq!(secrets(&vault).load("alice").unwrap().as_deref(), Some("x"));
}

#[test]
fn another_keychain_is_told_and_starts_anew_only_when_the_person_says_so() {
    for other in [None, Some(vec![7; KEY_BYTES]), Some(vec![7; 3])] {
        let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
        secrets(&open(folder.path(), &drawer)).save("alice", "x").unwrap();
        let right = std::mem::replace(&mut drawer.inside().held, other);
        let vault = open(folder.path(), &drawer);
        assert_eq!(why(&vault), Some(Closed::Changed));
        assert!(secrets(&vault).load("alice").is_err());
        // The right one comes back: nothing was lost.
        let changed = std::mem::replace(&mut drawer.inside().held, right);
        assert_eq!(secrets(&open(folder.path(), &drawer)).load("alice").unwrap().as_deref(), Some("x"));

        drawer.inside().held = changed;
        vault.keep_in(SecretsPlace::Keychain).unwrap();
        assert_eq!(vault.view(), READY);
        assert_eq!(secrets(&vault).load("alice").unwrap(), None);
        secrets(&vault).save("alice", "y").unwrap();
        assert_eq!(secrets(&open(folder.path(), &drawer)).load("alice").unwrap().as_deref(), Some("y"));
    }
}

#[test]
fn a_damaged_or_swapped_token_is_none_and_a_damaged_file_starts_anew() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let path = folder.path().join("secrets.json");
    let first = secrets(&open(folder.path(), &drawer));
    first.save("alice", "x").unwrap();
    first.save("bob", "y").unwrap();
    let mut sealed: Sealed = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let bobs = sealed.tokens["bob"].clone();
    sealed.tokens.insert("alice".into(), bobs);
    sealed.tokens.insert("carol".into(), "ä7".into());
    std::fs::write(&path, serde_json::to_vec(&sealed).unwrap()).unwrap();
    let swapped = secrets(&open(folder.path(), &drawer));
    assert_eq!(swapped.load("alice").unwrap(), None);
    assert_eq!(swapped.load("carol").unwrap(), None);
    assert_eq!(swapped.load("bob").unwrap().as_deref(), Some("y"));

    std::fs::write(&path, "{\"place\":").unwrap();
    let anew = open(folder.path(), &drawer);
    assert_eq!(anew.view(), READY);
    assert_eq!(secrets(&anew).load("bob").unwrap(), None);
    let aside = folder.path().join("secrets.json.damaged-1");
    assert_eq!(std::fs::read(&aside).unwrap(), b"{\"place\":");
    assert!(anew.take_damage().unwrap().contains("secrets.json.damaged-1"));
    assert_eq!(anew.take_damage(), None, "it is told once");
}

/// What lies in the folder.
fn files_of(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_a_locked_keychain_sealed_is_kept_beside_a_file_and_comes_back_with_the_keychain() {
    for (error, restarts) in
        [(KeychainError::Locked("locked".into()), false), (KeychainError::Missing("no service".into()), true)]
    {
        let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
        let before = secrets(&open(folder.path(), &drawer));
        for account in ["alice", "bob", "carol"] {
            before.save(account, "of the keychain").unwrap();
        }
        drawer.inside().error = Some(error);
        let vault = open(folder.path(), &drawer);
        vault.keep_in(SecretsPlace::File).unwrap();
        assert_eq!(secrets(&vault).load("alice").unwrap(), None);
        // One logs in again, one out, one does nothing.
        secrets(&vault).save("alice", "of the file").unwrap();
        secrets(&vault).remove("bob").unwrap();
        assert_eq!(files_of(folder.path()), ["secrets.json", "secrets.json.sealed-1", "secrets.key"]);

        drawer.inside().error = None;
        let vault = if restarts { open(folder.path(), &drawer) } else { vault };
        vault.keep_in(SecretsPlace::Keychain).unwrap();
        for vault in [vault, open(folder.path(), &drawer)] {
            let after = secrets(&vault);
            assert_eq!(after.load("alice").unwrap().as_deref(), Some("of the file"));
            assert_eq!(after.load("bob").unwrap(), None);
            assert_eq!(after.load("carol").unwrap().as_deref(), Some("of the keychain"));
        }
        assert!(!files_of(folder.path()).contains(&"secrets.json.sealed-1".to_owned()));
    }
}

#[test]
fn what_was_set_aside_goes_once_nobody_needs_it_and_is_not_copied_twice() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    secrets(&open(folder.path(), &drawer)).save("alice", "x").unwrap();
    drawer.inside().error = Some(KeychainError::Locked("locked".into()));
    let vault = open(folder.path(), &drawer);
    // A folder in the way of the new key: what there is stays in its place, however often it is tried.
    let key = folder.path().join("secrets.key");
    std::fs::create_dir_all(key.join("in the way")).unwrap();
    for _ in 0..3 {
        vault.keep_in(SecretsPlace::File).unwrap();
        assert_eq!(why(&vault), Some(Closed::Failed));
    }
    std::fs::remove_dir_all(&key).unwrap();
    vault.keep_in(SecretsPlace::File).unwrap();
    assert_eq!(files_of(folder.path()), ["secrets.json", "secrets.json.sealed-1", "secrets.key"]);
    secrets(&vault).save("alice", "y").unwrap();
    assert_eq!(files_of(folder.path()), ["secrets.json", "secrets.key"]);
}

#[test]
fn at_no_moment_of_a_move_does_the_file_hold_less_than_before() {
    const MANY: usize = 4000;
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let vault = open(folder.path(), &drawer);
    let all = vault.change(|cipher, sealed| {
        for number in 0..MANY {
            let account = number.to_string();
            sealed.tokens.insert(account.clone(), seal(cipher, &account, b"x")?);
        }
        Ok(())
    });
    all.unwrap();
    let path = folder.path().join("secrets.json");
    let held = move || {
        let sealed: Sealed = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        (sealed.tokens.len(), sealed.place)
    };
    // As somebody who starts the app after the power went.
    let looking = std::thread::spawn(move || {
        loop {
            let (tokens, place) = held();
            if tokens < MANY || place == SecretsPlace::File {
                return tokens;
            }
        }
    });
    vault.keep_in(SecretsPlace::File).unwrap();
    assert_eq!(looking.join().unwrap(), MANY);
}

#[test]
fn a_move_that_fails_leaves_the_tokens_where_they_were() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let vault = open(folder.path(), &drawer);
    secrets(&vault).save("alice", "x").unwrap();
    // A folder in the way of every new file.
    std::fs::create_dir_all(folder.path().join("secrets.new")).unwrap();
    assert!(vault.keep_in(SecretsPlace::File).is_err());
    assert_eq!(vault.view(), READY);
    assert_eq!(secrets(&vault).load("alice").unwrap().as_deref(), Some("x"));
}
