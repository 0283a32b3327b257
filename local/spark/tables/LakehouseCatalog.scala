package localfabric

import org.apache.spark.sql.{SparkSession, SparkSessionExtensions}
import org.apache.spark.sql.connector.catalog.{Identifier, Table}
import org.apache.spark.sql.delta.catalog.DeltaCatalog
import org.apache.spark.sql.internal.SQLConf

/** Delta's catalogue, which sees the tables that stand in the lakehouses' folders. */
class LakehouseCatalog extends DeltaCatalog {
  private def tables = new LakehouseTables(SparkSession.active)

  private def adopt(identifier: Identifier): Unit =
    if (identifier.namespace.length == 1) tables.adopt(identifier.namespace.head, identifier.name)

  override def loadTable(identifier: Identifier): Table = {
    adopt(identifier)
    super.loadTable(identifier)
  }

  override def tableExists(identifier: Identifier): Boolean = {
    adopt(identifier)
    super.tableExists(identifier)
  }

  override def dropTable(identifier: Identifier): Boolean = {
    adopt(identifier)
    super.dropTable(identifier)
  }

  override def listTables(namespace: Array[String]): Array[Identifier] = {
    val known = super.listTables(namespace)
    val onDisk = if (namespace.length == 1) tables.names(namespace.head) else Nil
    known.foreach(adopt)
    (super.listTables(namespace) ++ onDisk.map(Identifier.of(namespace, _))).distinct
      .sortBy(_.name)
  }
}

/** Adopts the tables when a session begins, whoever asks for them first. */
class LakehouseExtension extends (SparkSessionExtensions => Unit) {
  override def apply(extensions: SparkSessionExtensions): Unit =
    extensions.injectParser { (session, parser) =>
      // The session's own conf is not there yet, and to ask for it would begin the session once more.
      SQLConf.withExistingConf(new SQLConf)(new LakehouseTables(session).adoptAll())
      parser
    }
}
