package io.sink.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Files;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;

/** Tables of Iceberg's own making on local disk, in a SQLite catalog of their own. */
final class LocalTables implements AutoCloseable {
    private static final Namespace NAMESPACE = Namespace.of("made");

    private final JdbcCatalog catalog = new JdbcCatalog(properties -> new LocalFiles(), null, true);

    LocalTables(Path directory) {
        catalog.initialize(
                "local",
                Map.of(
                        "uri",
                        "jdbc:sqlite:" + directory.resolve("catalog.db"),
                        "jdbc.schema-version",
                        "V1",
                        "warehouse",
                        directory.toString()));
        catalog.createNamespace(NAMESPACE);
    }

    Table create(String name, Schema schema, int formatVersion) {
        return catalog.createTable(
                TableIdentifier.of(NAMESPACE, name),
                schema,
                PartitionSpec.unpartitioned(),
                Map.of("format-version", Integer.toString(formatVersion)));
    }

    /** A second reader of the table as it is committed now. */
    static SecondReader reader(Table table) {
        table.refresh();
        String metadata = ((BaseTable) table).operations().current().metadataFileLocation();
        return SecondReader.of(SecondReader.local(metadata), SecondReader::local);
    }

    @Override
    public void close() {
        catalog.close();
    }

    private static final class LocalFiles implements FileIO {
        @Override
        public InputFile newInputFile(String path) {
            return Files.localInput(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            return Files.localOutput(path);
        }

        @Override
        public void deleteFile(String path) {
            if (!SecondReader.local(path).toFile().delete()) {
                throw new UncheckedIOException(new IOException("Cannot delete " + path));
            }
        }
    }
}
