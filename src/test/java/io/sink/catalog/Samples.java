package io.sink.catalog;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.types.Types;

/** The tables and files that these tests put into catalogs. */
final class Samples {

    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()));

    private Samples() {}

    /** Makes a table without a catalog: its first metadata file, and nothing else. */
    static void writeTable(Path directory, String location, Map<String, String> properties) {
        TableMetadata metadata =
                TableMetadata.newTableMetadata(SCHEMA, PartitionSpec.unpartitioned(), location, properties);
        writeVersion(directory, "v1.metadata.json", metadata);
    }

    /** Writes metadata as any other writer might, under any name. */
    static void writeVersion(Path directory, String fileName, TableMetadata metadata) {
        String file = directory.resolve("metadata").resolve(fileName).toString();
        TableMetadataParser.write(metadata, new LocalFileIO().newOutputFile(file));
    }

    /** A data file that exists by name only; enough to be committed. */
    static DataFile dataFile(Table table) {
        return DataFiles.builder(table.spec())
                .withPath(table.location() + "/data/" + UUID.randomUUID() + ".parquet")
                .withFileSizeInBytes(1024)
                .withRecordCount(10)
                .build();
    }
}
