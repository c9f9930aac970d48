//! The engine as WebAssembly: `app/web` compiled for the browser and wrapped by wasm-bindgen.

use crate::toolchain;
use anyhow::{Context, bail};
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

const CRATE: &str = "confab-web";
const MODULE: &str = "confab_web";

/// Builds `app/web` into `app/ui/engine`.
pub fn build(root: &Path, dev: bool) -> anyhow::Result<()> {
    let profile = if dev { "dev" } else { "wasm" };
    // A folder of its own, so that this build and one for this machine do not wait for each other.
    let target =
        std::env::var_os("CONFAB_WASM_TARGET_DIR").map_or_else(|| root.join("target-wasm"), Into::into);
    let status = toolchain::cargo_build()?
        .current_dir(root)
        .args(["--package", CRATE, "--profile", profile, "--locked", "--target-dir"])
        .arg(&target)
        .status()
        .context("starting cargo")?;
    if !status.success() {
        bail!("the engine did not compile for the browser ({status})");
    }
    let folder = if dev { "debug" } else { "wasm" };
    let module = target.join(toolchain::TARGET).join(folder).join(format!("{MODULE}.wasm"));
    let out = root.join("app/ui/engine");
    Bindgen::new()
        .input_path(&module)
        .out_name(MODULE)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(true)
        .keep_debug(dev)
        .remove_name_section(!dev)
        .remove_producers_section(true)
        .generate(&out)
        .with_context(|| format!("wrapping {}", module.display()))?;
    let size = out.join(format!("{MODULE}_bg.wasm")).metadata()?.len();
    eprintln!("engine: {size} bytes in {}", out.display());
    Ok(())
}
