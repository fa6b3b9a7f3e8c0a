package lib;

import java.io.IOException;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;

/** Metadata of tables that are too large to be written: live entries of data files that nobody wrote. */
public final class ManyFiles {
    private static final int FILES_PER_MANIFEST = 10_000;
    private static final long FILE_BYTES = 1 << 20;
    private static final long FILE_ROWS = 10_000;

    private ManyFiles() {}

    /**
     * Appends so many files in one commit to a table that is partitioned by one number, as many to each of these
     * partitions.
     *
     * @param firstPartition the number of the first one
     */
    public static void append(Table table, int firstPartition, int partitions, int files) throws IOException {
        AppendFiles append = table.newAppend();
        for (int from = 0; from < files; from += FILES_PER_MANIFEST) {
            int until = Math.min(files, from + FILES_PER_MANIFEST);
            append.appendManifest(manifest(table, firstPartition, partitions, from, until));
        }
        append.commit();
    }

    private static ManifestFile manifest(Table table, int firstPartition, int partitions, int from, int until)
            throws IOException {
        PartitionSpec spec = table.spec();
        String path = "%s/metadata/%s-m0.avro".formatted(table.location(), UUID.randomUUID());
        ManifestWriter<DataFile> writer =
                ManifestFiles.write(2, spec, table.io().newOutputFile(path), null);
        try (writer) {
            IntStream.range(from, until)
                    .mapToObj(file -> file(table, spec, firstPartition + file % partitions, file))
                    .forEach(writer::add);
        }
        return writer.toManifestFile();
    }

    private static DataFile file(Table table, PartitionSpec spec, int partition, int number) {
        PartitionData where = new PartitionData(spec.partitionType());
        where.set(0, partition);
        return DataFiles.builder(spec)
                .withPath("%s/data/%s/%08d-0-0195e7a0-5b1f-7c7c-8d83-%012d-00001.parquet"
                        .formatted(table.location(), spec.partitionToPath(where), number, number))
                .withFormat("parquet")
                .withPartition(where)
                .withFileSizeInBytes(FILE_BYTES)
                .withRecordCount(FILE_ROWS)
                .build();
    }
}
