//! The engine as WebAssembly: a crate compiled for the browser and wrapped by wasm-bindgen.

use crate::toolchain;
use anyhow::{Context, bail};
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// What is built.
pub struct Module {
    /// The crate.
    pub package: &'static str,
    /// The name of its library.
    pub name: &'static str,
    /// Where the module and its wrapping go.
    pub out: &'static str,
}

/// What the web client runs.
pub const CLIENT: Module = Module { package: "confab-web", name: "confab_web", out: "app/ui/engine" };
/// The same engine at measured work, for `scripts/bench`.
pub const MEASURE: Module =
    Module { package: "confab-measure", name: "confab_measure", out: "target/measure-web" };

/// Builds a module, to be released or, if `dev`, to be looked into.
pub fn build(root: &Path, what: &Module, dev: bool) -> anyhow::Result<()> {
    let profile = if dev { "dev" } else { "wasm" };
    // A folder of its own, so that this build and one for this machine do not wait for each other.
    let target =
        std::env::var_os("CONFAB_WASM_TARGET_DIR").map_or_else(|| root.join("target-wasm"), Into::into);
    let status = toolchain::cargo_build()?
        .current_dir(root)
        .args(["--package", what.package, "--lib", "--profile", profile, "--locked", "--target-dir"])
        .arg(&target)
        .status()
        .context("starting cargo")?;
    if !status.success() {
        bail!("{} did not compile for the browser ({status})", what.package);
    }
    let folder = if dev { "debug" } else { "wasm" };
    let module = target.join(toolchain::TARGET).join(folder).join(format!("{}.wasm", what.name));
    let out = root.join(what.out);
    Bindgen::new()
        .input_path(&module)
        .out_name(what.name)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(true)
        .keep_debug(dev)
        .remove_name_section(!dev)
        .remove_producers_section(true)
        .generate(&out)
        .with_context(|| format!("wrapping {}", module.display()))?;
    let size = out.join(format!("{}_bg.wasm", what.name)).metadata()?.len();
    eprintln!("{}: {size} bytes in {}", what.package, out.display());
    Ok(())
}
