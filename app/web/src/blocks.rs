//! SQLite's files in memory, with the blocks of the database that changed since the last look.
//!
//! Where the browser gives no files (plain http, some private windows), the database is held here, and after every
//! commit the changed blocks go to IndexedDB in one transaction of its own. So a commit is durable, and atomic, when
//! that transaction is.

use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_rs::vfs::{
    AccessMode, FileKind, LockLevel, MemChunksFile, OpenAccess, OpenOptions, OpenRequest, OpenedFile,
    OsCallback, SQLiteIoMethods, SQLiteVfs, SyncOptions, VfsError, VfsErrorCode, VfsFile, VfsResult,
    VfsStore, register_vfs,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The name to open a database by.
pub const VFS_NAME: &str = "blocks";
/// Bytes of a block. `blocks.ts` has the same number.
pub const BLOCK_BYTES: usize = 16 * 1024;

/// The database file.
#[derive(Default)]
pub struct Database {
    bytes: Vec<u8>,
    dirty: BTreeSet<usize>,
    size_changed: bool,
}

impl Database {
    /// A file as it was saved.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, dirty: BTreeSet::new(), size_changed: false }
    }

    /// The file's size, the numbers of the changed blocks and their bytes (the last one filled up with zeros), or
    /// nothing if nothing changed. They count as unchanged from now on.
    pub fn take_changes(&mut self) -> Option<(usize, Vec<u32>, Vec<u8>)> {
        if self.dirty.is_empty() && !self.size_changed {
            return None;
        }
        self.size_changed = false;
        let mut numbers = Vec::new();
        let mut bytes = Vec::new();
        for number in std::mem::take(&mut self.dirty) {
            let start = number * BLOCK_BYTES;
            let Some(rest) = self.bytes.get(start..) else { continue };
            let block = &rest[..rest.len().min(BLOCK_BYTES)];
            numbers.push(u32::try_from(number).unwrap_or(u32::MAX));
            bytes.extend_from_slice(block);
            bytes.resize(numbers.len() * BLOCK_BYTES, 0);
        }
        Some((self.bytes.len(), numbers, bytes))
    }

    fn read(&self, buf: &mut [u8], offset: usize) -> usize {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        count
    }

    fn write(&mut self, buf: &[u8], offset: usize) -> VfsResult<()> {
        let end = offset.checked_add(buf.len()).ok_or_else(full)?;
        if end > self.bytes.len() {
            let more = end - self.bytes.len();
            self.bytes.try_reserve(more).map_err(|_| full())?;
            self.bytes.resize(end, 0);
            self.size_changed = true;
        }
        self.bytes[offset..end].copy_from_slice(buf);
        if let Some(last) = end.checked_sub(1) {
            self.dirty.extend(offset / BLOCK_BYTES..=last / BLOCK_BYTES);
        }
        Ok(())
    }

    /// Empties the file.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    fn truncate(&mut self, size: usize) {
        self.size_changed |= size != self.bytes.len();
        // The end of the last block has to be cleared in what is saved too.
        self.dirty.insert(size / BLOCK_BYTES);
        self.bytes.resize(size, 0);
    }
}

fn full() -> VfsError {
    VfsError::new(VfsErrorCode::Full, "the database no longer fits into memory".into())
}

fn place(offset: u64) -> VfsResult<usize> {
    usize::try_from(offset).map_err(|_| full())
}

/// An open file: the database, or one of SQLite's own (journals), which need not survive.
pub enum Open {
    Database(Rc<RefCell<Database>>),
    Scratch(Rc<RefCell<MemChunksFile>>),
}

impl VfsFile for Open {
    fn read(&mut self, buf: &mut [u8], offset: u64) -> VfsResult<usize> {
        match self {
            Open::Database(file) => Ok(file.borrow().read(buf, place(offset)?)),
            Open::Scratch(file) => file.borrow_mut().read(buf, offset),
        }
    }

    fn write(&mut self, buf: &[u8], offset: u64) -> VfsResult<()> {
        match self {
            Open::Database(file) => file.borrow_mut().write(buf, place(offset)?),
            Open::Scratch(file) => file.borrow_mut().write(buf, offset),
        }
    }

    fn truncate(&mut self, size: u64) -> VfsResult<()> {
        match self {
            Open::Database(file) => {
                file.borrow_mut().truncate(place(size)?);
                Ok(())
            }
            Open::Scratch(file) => file.borrow_mut().truncate(size),
        }
    }

    fn sync(&mut self, _options: SyncOptions) -> VfsResult<()> {
        // Durable is what was saved after the commit, whatever SQLite asks for in between.
        Ok(())
    }

    fn size(&self) -> VfsResult<u64> {
        match self {
            Open::Database(file) => Ok(file.borrow().bytes.len() as u64),
            Open::Scratch(file) => file.borrow().size(),
        }
    }

    fn lock(&mut self, _level: LockLevel) -> VfsResult<()> {
        // There is one connection.
        Ok(())
    }

    fn unlock(&mut self, _level: LockLevel) -> VfsResult<()> {
        Ok(())
    }

    fn check_reserved_lock(&self) -> VfsResult<bool> {
        Ok(false)
    }
}

/// The file system: one database, and whatever SQLite needs beside it.
pub struct Files {
    database: Rc<RefCell<Database>>,
    exists: RefCell<bool>,
    scratch: RefCell<BTreeMap<String, Rc<RefCell<MemChunksFile>>>>,
    os: WasmOsCallback,
}

impl Files {
    fn is_database(name: &str) -> bool {
        !name.contains('-')
    }
}

struct Store;

impl VfsStore for Store {
    type File = Open;
    type AppData = Files;

    fn open_file(files: &Files, request: OpenRequest<'_>) -> VfsResult<OpenedFile<Open>> {
        let options = request.options;
        let file = match request.filename {
            Some(_) if options.kind() == Some(FileKind::MainDb) => {
                *files.exists.borrow_mut() = true;
                Open::Database(files.database.clone())
            }
            Some(name) => {
                let mut scratch = files.scratch.borrow_mut();
                if !options.create() && !scratch.contains_key(name.path()) {
                    return Err(VfsError::new(VfsErrorCode::CantOpen, "there is no such file".into()));
                }
                Open::Scratch(scratch.entry(name.path().to_owned()).or_default().clone())
            }
            None => Open::Scratch(Rc::default()),
        };
        let access = if options.access() == OpenAccess::ReadOnly {
            OpenAccess::ReadOnly
        } else {
            OpenAccess::ReadWrite
        };
        Ok(OpenedFile { file, access })
    }

    fn close_file(files: &Files, name: Option<&str>, _file: Open, options: OpenOptions) -> VfsResult<()> {
        if let (Some(name), true) = (name, options.delete_on_close()) {
            files.scratch.borrow_mut().remove(name);
        }
        Ok(())
    }

    fn access(files: &Files, name: &str, _mode: AccessMode) -> VfsResult<bool> {
        Ok(if Files::is_database(name) {
            *files.exists.borrow()
        } else {
            files.scratch.borrow().contains_key(name)
        })
    }

    fn full_pathname(_files: &Files, name: &str) -> VfsResult<String> {
        Ok(name.to_owned())
    }

    fn delete_file(files: &Files, name: &str, _sync_dir: bool) -> VfsResult<()> {
        if Files::is_database(name) {
            *files.exists.borrow_mut() = false;
            files.database.borrow_mut().truncate(0);
        } else {
            files.scratch.borrow_mut().remove(name);
        }
        Ok(())
    }
}

struct Io;

impl SQLiteIoMethods for Io {
    type Store = Store;
}

struct Vfs;

impl SQLiteVfs<Io> for Vfs {
    type Os = dyn OsCallback;

    fn os(files: &Files) -> &Self::Os {
        &files.os
    }

    const MAX_PATH_SIZE: std::ffi::c_int = 512;
}

/// Registers the file system under [`VFS_NAME`], with this database in it.
///
/// # Errors
/// What SQLite says.
pub fn register(database: Rc<RefCell<Database>>) -> Result<(), String> {
    let exists = RefCell::new(!database.borrow().bytes.is_empty());
    let files = Files { database, exists, scratch: RefCell::default(), os: WasmOsCallback };
    // SAFETY: `Vfs`, `Io` and `Files` belong together, and a worker has one thread. The registration is kept for good.
    #[allow(unsafe_code)]
    let registration = unsafe { register_vfs::<Io, Vfs>(VFS_NAME, files, false) };
    let _kept = registration.map_err(|error| error.to_string())?.into_raw();
    Ok(())
}
