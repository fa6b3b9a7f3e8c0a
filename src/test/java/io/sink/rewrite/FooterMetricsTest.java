package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.GeneratedTable;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Counts, sizes and bounds of footers against what Iceberg makes of the same footers. */
@ExtendWith(Seeds.Given.class)
class FooterMetricsTest {
    private static final MetricsConfig EVERYTHING =
            MetricsConfig.from(Map.of(TableProperties.DEFAULT_WRITE_METRICS_MODE, "full"), new Schema(), null);

    @TempDir
    Path directory;

    @TestFactory
    List<DynamicTest> are_those_of_iceberg(Seeds seeds) {
        return seeds.tests(10, this::generated);
    }

    private void generated(Draws random) throws IOException {
        Path table = directory.resolve("t" + random.seed());
        GeneratedTable.of(table, random);
        everyFileBelow(table);
    }

    @TestFactory
    Stream<DynamicTest> are_those_of_iceberg_for_files_of_other_writers() throws IOException, URISyntaxException {
        return parquetFiles(Path.of(getClass().getResource("/world").toURI())).stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> compare(file)));
    }

    private static void everyFileBelow(Path directory) throws IOException {
        List<Path> files = parquetFiles(directory);
        assertThat(files).isNotEmpty();
        files.forEach(FooterMetricsTest::compare);
    }

    private static List<Path> parquetFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".parquet")).toList();
        }
    }

    private static void compare(Path file) {
        ParquetMetadata footer = ParquetFooter.read(org.apache.iceberg.Files.localInput(file.toFile()));
        MessageType own = footer.getFileMetaData().getSchema();
        MessageType stored = ParquetSchemaUtil.hasIds(own) ? own : ParquetSchemaUtil.addFallbackIds(own);
        Schema columns = ParquetSchemaUtil.convertAndPrune(stored);

        FooterMetrics ours = FooterMetrics.of(
                footer, stored.getColumns().stream().map(FooterMetrics.Leaf::of).toList());

        Metrics theirs;
        try {
            theirs = ParquetUtil.footerMetrics(footer, Stream.empty(), EVERYTHING);
        } catch (ClassCastException unsigned) {
            return;
        }
        if (footer.getBlocks().isEmpty()) {
            assertThat(ours).isEqualTo(new FooterMetrics(Map.of(), Map.of(), Map.of(), Map.of()));
            return;
        }
        assertThat(ours.values()).isEqualTo(theirs.valueCounts());
        assertThat(ours.sizes()).isEqualTo(theirs.columnSizes());
        compare(columns, ours.lower(), theirs.lowerBounds());
        compare(columns, ours.upper(), theirs.upperBounds());
    }

    private static void compare(Schema columns, Map<Integer, Object> ours, Map<Integer, ByteBuffer> theirs) {
        Set<Integer> ids = new HashSet<>(ours.keySet());
        ids.addAll(theirs.keySet());
        for (int id : ids) {
            Type type = columns.findType(id);
            Object found = ours.get(id);
            boolean skipped = type.typeId() == TypeID.TIME && found == null;
            if (!skipped && type.typeId() != TypeID.GEOMETRY) {
                assertThat(found)
                        .as("%s (%s)", columns.findColumnName(id), type)
                        .isEqualTo(
                                found instanceof ByteBuffer
                                        ? theirs.get(id)
                                        : Conversions.fromByteBuffer(type, theirs.get(id)));
            }
        }
    }
}
