//! Files that are written piece by piece in a folder of the writer's own. They are neither durable nor whole before they
//! are taken in: whoever keeps one moves it with [`crate::files`], whoever is killed leaves it to the folder's sweep.

use std::fs::File;
use std::io;
use std::path::Path;

/// Begins a file in a folder of the caller's own; it can be read back too. One that is there is no caller's own.
pub fn create(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).open(path)
}
