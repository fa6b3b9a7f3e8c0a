package io.sink.compact;

import io.sink.testing.SecondReader;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Files;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.jspecify.annotations.Nullable;

/** A table in a local directory, without a catalog. */
final class LocalTable {
    private LocalTable() {}

    static Table create(Path directory, Schema schema, PartitionSpec spec, SortOrder order, Map<String, String> set) {
        Operations operations = new Operations(directory);
        operations.commit(
                null, TableMetadata.newTableMetadata(schema, spec, order, directory.toString(), Map.copyOf(set)));
        return new BaseTable(operations, directory.getFileName().toString());
    }

    /** Rows of the current snapshot as the second reader sees them, with lineage from format version 3 on. */
    static List<String> rows(Table table) {
        table.refresh();
        String metadata = ((BaseTable) table).operations().current().metadataFileLocation();
        return SecondReader.of(Path.of(metadata), SecondReader::local).rows();
    }

    private static final class Operations extends BaseMetastoreTableOperations {
        private final Path directory;
        private final FileIO io = new LocalFiles();
        private @Nullable String pointer;

        Operations(Path directory) {
            this.directory = directory;
        }

        @Override
        protected String tableName() {
            return directory.toString();
        }

        @Override
        public FileIO io() {
            return io;
        }

        @Override
        protected void doRefresh() {
            if (pointer == null) {
                disableRefresh();
            } else {
                refreshFromMetadataLocation(pointer);
            }
        }

        @Override
        protected void doCommit(@Nullable TableMetadata base, TableMetadata metadata) {
            pointer = writeNewMetadataIfRequired(base == null, metadata);
        }
    }

    static final class LocalFiles implements FileIO {
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
            new File(path).delete();
        }
    }
}
