package localfabric

import java.util.Locale

import org.apache.hadoop.fs.{FileSystem, Path}
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.TableIdentifier
import org.apache.spark.sql.catalyst.catalog.{
  CatalogDatabase,
  CatalogStorageFormat,
  CatalogTable,
  CatalogTableType,
  ExternalCatalog
}
import org.apache.spark.sql.types.StructType

/**
 * The Delta tables that stand in the `Tables` folders of the lakehouses. A lakehouse is a database;
 * the default lakehouse is `default` as well. A table is a folder with a Delta log; names are
 * compared without case, and given in lower case.
 *
 * Spark's own catalogue lives as long as a batch and knows nothing of earlier ones, so what is on
 * disk is put into it (`adopt`) before a name is looked up.
 */
class LakehouseTables(session: SparkSession) {
  private val prefix = "spark.sql.catalog.spark_catalog.lakehouse."
  private val folders: Map[String, Path] = session.sparkContext.getConf
    .getAllWithPrefix(prefix)
    .map { case (name, uri) => lower(name) -> new Path(uri) }
    .toMap + ("default" -> new Path(session.sparkContext.getConf.get("spark.sql.warehouse.dir")))

  private def catalog: ExternalCatalog = session.sharedState.externalCatalog

  /** Makes the databases and adopts every table, for what asks Spark's catalogue itself (`DeltaTable.forName`). */
  def adoptAll(): Unit = for ((database, folder) <- folders) {
    val made = CatalogDatabase(database, "", folder.toUri, Map.empty)
    catalog.createDatabase(made, ignoreIfExists = true)
    for (name <- names(database)) adopt(database, name)
  }

  /** The names of the tables on disk; of a database that is no lakehouse, none. */
  def names(database: String): Seq[String] = folders.get(lower(database)) match {
    case Some(folder) => tableFolders(folder).map(path => lower(path.getName)).distinct
    case None => Nil
  }

  /** Brings what Spark's catalogue says of a name in line with the folder. */
  def adopt(database: String, name: String): Unit = for (folder <- folders.get(lower(database))) {
    val identifier = TableIdentifier(lower(name), Some(lower(database)))
    val known = catalog.tableExists(lower(database), lower(name))
    find(folder, name) match {
      case Some(path) if !known => catalog.createTable(entry(identifier, path), ignoreIfExists = true)
      case None if known && isOf(folder, identifier) => forget(identifier)
      case _ =>
    }
  }

  private def entry(identifier: TableIdentifier, path: Path): CatalogTable = CatalogTable(
    identifier,
    CatalogTableType.MANAGED,
    CatalogStorageFormat.empty.copy(locationUri = Some(path.toUri)),
    // Delta reads the columns from its log.
    schema = new StructType(),
    provider = Some("delta")
  )

  private def isOf(folder: Path, identifier: TableIdentifier): Boolean = {
    val table = catalog.getTable(identifier.database.get, identifier.table)
    table.tableType == CatalogTableType.MANAGED && table.provider.exists(lower(_) == "delta") &&
    new Path(table.location).getParent == folder
  }

  /** Forgets a table that another batch dropped. What may stand in its folder now is not touched. */
  private def forget(identifier: TableIdentifier): Unit = {
    val (database, name) = (identifier.database.get, identifier.table)
    val table = catalog.getTable(database, name)
    catalog.alterTable(table.copy(tableType = CatalogTableType.EXTERNAL))
    catalog.dropTable(database, name, ignoreIfNotExists = true, purge = false)
    session.sessionState.catalog.refreshTable(identifier)
  }

  private def find(folder: Path, name: String): Option[Path] = {
    val exact = new Path(folder, lower(name))
    if (isTable(exact)) Some(exact)
    else tableFolders(folder).find(path => lower(path.getName) == lower(name))
  }

  private def tableFolders(folder: Path): Seq[Path] =
    if (!files(folder).exists(folder)) Nil
    else files(folder).listStatus(folder).toSeq.filter(_.isDirectory).map(_.getPath).filter(isTable)

  /** True once the first version is written; later ones may have a checkpoint in its place. */
  private def isTable(path: Path): Boolean = {
    val log = new Path(path, "_delta_log")
    Seq("00000000000000000000.json", "_last_checkpoint")
      .exists(name => files(path).exists(new Path(log, name)))
  }

  private def files(path: Path): FileSystem =
    path.getFileSystem(session.sparkContext.hadoopConfiguration)

  private def lower(text: String): String = text.toLowerCase(Locale.ROOT)
}
