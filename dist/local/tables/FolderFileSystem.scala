package localfabric

import java.nio.file.{FileAlreadyExistsException, Files}

import org.apache.hadoop.fs.{Path, RawLocalFileSystem}

/**
 * The local file system, where a file's rename never replaces another file, as on OneLake.
 *
 * Delta writes a version of a table by renaming a temporary file to the version's name. Of several
 * writers exactly one may succeed: the others get `false`, read what was written, and try again.
 * A local rename replaces; a hard link is made only where there is nothing yet, and is complete.
 */
class FolderFileSystem extends RawLocalFileSystem {
  override def rename(source: Path, target: Path): Boolean = {
    val from = pathToFile(source).toPath
    val to = pathToFile(target).toPath
    if (from == to || !Files.isRegularFile(from) || Files.isDirectory(to)) super.rename(source, target)
    else
      try {
        Files.createLink(to, from)
        Files.delete(from)
        true
      } catch {
        case _: FileAlreadyExistsException => false
      }
  }
}
