package io.sink.compact;

import io.sink.testing.SecondReader;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** A table in a local directory, without a catalog. */
public final class LocalTable {
    private LocalTable() {}

    public static Table create(
            Path directory, Schema schema, PartitionSpec spec, SortOrder order, Map<String, String> set) {
        Operations operations = new Operations(new LocalFiles(SecondReader::local), null);
        operations.commit(
                null, TableMetadata.newTableMetadata(schema, spec, order, directory.toString(), Map.copyOf(set)));
        return new BaseTable(operations, directory.getFileName().toString());
    }

    /** A table that exists, by its metadata file; what is committed to it lands beside its other metadata. */
    static Table open(String metadata, Function<String, Path> locate) {
        Operations operations = new Operations(new LocalFiles(locate), metadata);
        return new BaseTable(operations, metadata);
    }

    /** Rows of the current snapshot as the second reader sees them, with lineage from format version 3 on. */
    public static List<String> rows(Table table) {
        table.refresh();
        Operations operations = (Operations) ((BaseTable) table).operations();
        String metadata = operations.current().metadataFileLocation();
        Function<String, Path> locate = operations.io.locate();
        return SecondReader.of(locate.apply(metadata), locate).rows();
    }

    private static final class Operations extends BaseMetastoreTableOperations {
        private final LocalFiles io;
        private @Nullable String pointer;

        Operations(LocalFiles io, @Nullable String pointer) {
            this.io = io;
            this.pointer = pointer;
        }

        @Override
        protected String tableName() {
            return "local";
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

    private record LocalFiles(Function<String, Path> locate) implements FileIO {
        @Override
        public InputFile newInputFile(String path) {
            return new Named(path, Files.localInput(locate.apply(path).toFile()));
        }

        @Override
        public OutputFile newOutputFile(String path) {
            File file = locate.apply(path).toFile();
            OutputFile local = Files.localOutput(file);
            return new OutputFile() {
                @Override
                public PositionOutputStream create() {
                    return local.create();
                }

                @Override
                public PositionOutputStream createOrOverwrite() {
                    return local.createOrOverwrite();
                }

                @Override
                public String location() {
                    return path;
                }

                @Override
                public InputFile toInputFile() {
                    return newInputFile(path);
                }
            };
        }

        @Override
        public void deleteFile(String path) {
            locate.apply(path).toFile().delete();
        }
    }

    private record Named(String location, InputFile file) implements InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            return file.newStream();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }
    }
}
