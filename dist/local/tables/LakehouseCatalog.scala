package localfabric

import org.apache.spark.sql.{SparkSession, SparkSessionExtensions}
import org.apache.spark.sql.catalyst.{FunctionIdentifier, TableIdentifier}
import org.apache.spark.sql.catalyst.expressions.Expression
import org.apache.spark.sql.catalyst.parser.ParserInterface
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.connector.catalog.{Identifier, Table}
import org.apache.spark.sql.delta.catalog.DeltaCatalog
import org.apache.spark.sql.internal.SQLConf
import org.apache.spark.sql.types.{DataType, StructType}

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

/** For what asks Spark's own catalogue, past ours: the tables are there when a session begins. */
class LakehouseExtension extends (SparkSessionExtensions => Unit) {
  override def apply(extensions: SparkSessionExtensions): Unit =
    extensions.injectParser { (session, parser) =>
      // The session's own conf is not there yet, and to ask for it would begin the session once more.
      SQLConf.withExistingConf(new SQLConf)(new LakehouseTables(session).adoptAll())
      new LakehouseParser(session, parser)
    }
}

/**
 * The same for one that came or went later: `DeltaTable.forName` and `spark.catalog.tableExists` have the
 * name parsed, then ask Spark's catalogue.
 */
class LakehouseParser(session: SparkSession, parser: ParserInterface) extends ParserInterface {
  override def parseTableIdentifier(text: String): TableIdentifier = {
    val identifier = parser.parseTableIdentifier(text)
    adopt(identifier.database.toSeq :+ identifier.table)
    identifier
  }

  override def parseMultipartIdentifier(text: String): Seq[String] = {
    val parts = parser.parseMultipartIdentifier(text)
    adopt(if (parts.head == "spark_catalog") parts.tail else parts)
    parts
  }

  private def adopt(parts: Seq[String]): Unit = parts match {
    case Seq(name) => adopt(session.sessionState.catalog.getCurrentDatabase, name)
    case Seq(database, name) => adopt(database, name)
    case _ =>
  }

  private def adopt(database: String, name: String): Unit =
    new LakehouseTables(session).adopt(database, name)

  override def parsePlan(text: String): LogicalPlan = parser.parsePlan(text)
  override def parseQuery(text: String): LogicalPlan = parser.parseQuery(text)
  override def parseExpression(text: String): Expression = parser.parseExpression(text)
  override def parseFunctionIdentifier(text: String): FunctionIdentifier =
    parser.parseFunctionIdentifier(text)
  override def parseTableSchema(text: String): StructType = parser.parseTableSchema(text)
  override def parseDataType(text: String): DataType = parser.parseDataType(text)
}
