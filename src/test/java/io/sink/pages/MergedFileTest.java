package io.sink.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.Draws;
import io.sink.testing.ExampleRows;
import io.sink.testing.OtherWriter;
import io.sink.testing.OtherWriter.Footer;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files in, one file out, and no table anywhere: rows and their order by Parquet's own example reader. */
@ExtendWith(Seeds.Given.class)
class MergedFileTest {
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message rows {
              required int64 id = 1;
              optional binary word (STRING) = 2;
              optional double number = 3;
              optional boolean flag = 4;
              required fixed_len_byte_array(3) code = 5;
              optional group tags (LIST) = 6 { repeated group list { optional int32 element = 7; } }
              optional group place = 8 { optional binary name = 9; required float height = 10; }
            }
            """);
    private static final int CASES = 40;

    @TempDir
    Path folder;

    /** A file and the rows of it that go on. */
    private record Source(
            Path path, ParquetMetadata footer, @Nullable BitSet dropped) {}

    @TestFactory
    List<DynamicTest> the_rows_that_go_on_come_out_in_their_order(Seeds seeds) {
        return seeds.tests(CASES, draws -> {
            List<Source> sources = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int number = 0; number < 1 + draws.nextInt(4); number++) {
                Source source = write(draws, number);
                sources.add(source);
                List<String> rows = rows(source.path());
                BitSet dropped = source.dropped();
                for (int row = 0; row < rows.size(); row++) {
                    if (dropped == null || !dropped.get(row)) {
                        expected.add(rows.get(row));
                    }
                }
            }
            Path output = folder.resolve("merged-" + draws.seed() + ".parquet");

            merge(sources, output, settings(draws), 1 + draws.nextInt(3));

            assertThat(rows(output)).isEqualTo(expected);
        });
    }

    @Test
    void pages_that_need_nothing_are_copied_and_dictionaries_that_differ_get_new_ids() throws IOException {
        List<Source> sources = List.of(large(0), large(1));
        Path output = folder.resolve("merged.parquet");

        Map<Share, Long> shares =
                merge(sources, output, new WriteSettings(CompressionCodecName.ZSTD, null, properties(false)), 2);

        assertThat(rows(output)).hasSize(80_000);
        assertThat(shares.keySet()).contains(Share.COPIED, Share.REMAPPED);
        assertThat(shares.get(Share.COPIED)).isGreaterThan(shares.get(Share.REMAPPED));
    }

    /**
     * The header of the first page: levels of repetition BIT_PACKED, of which the column has none. No checksum covers
     * it, and most readers do not look at it.
     */
    @Test
    void a_page_whose_levels_have_an_encoding_that_is_none_of_levels_is_not_copied() throws IOException {
        Source source = large(0);
        byte[] bytes = Files.readAllBytes(source.path());
        int at = 4;
        while (bytes[at] != 0x15 || bytes[at + 1] != 0x08 || bytes[at + 2] != 0x15 || bytes[at + 3] != 0x08) {
            at++;
        }
        bytes[at + 3] = 0;
        Files.write(source.path(), bytes);

        assertThatThrownBy(() -> merge(
                        List.of(source),
                        folder.resolve("merged.parquet"),
                        new WriteSettings(CompressionCodecName.ZSTD, null, properties(false)),
                        1))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("levels of encoding PLAIN");
    }

    /** A file whose pages need nothing. */
    private Source large(int number) throws IOException {
        OtherWriter writer = new OtherWriter(
                CompressionCodecName.ZSTD,
                false,
                true,
                false,
                20_000,
                40_000,
                false,
                new Footer("parquet-mr version 1.15.0 (build 1)", 1, true, true));
        List<Group> rows = new ArrayList<>();
        for (int row = 0; row < 40_000; row++) {
            SimpleGroup group = new SimpleGroup(SCHEMA);
            group.add("id", (long) row * row * 31 + number);
            group.add("word", "word " + (row + number) % 7);
            group.add("code", org.apache.parquet.io.api.Binary.fromString("abc"));
            rows.add(group);
        }
        Path path = folder.resolve("in-" + number + ".parquet");
        writer.write(path, SCHEMA, rows);
        return new Source(path, footer(path), null);
    }

    private Source write(Draws draws, int number) throws IOException {
        CompressionCodecName[] codecs = {
            CompressionCodecName.ZSTD,
            CompressionCodecName.ZSTD,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.LZ4_RAW
        };
        OtherWriter writer = new OtherWriter(
                codecs[draws.nextInt(codecs.length)],
                draws.nextBoolean(),
                draws.nextBoolean(),
                draws.nextBoolean(),
                1 + draws.nextInt(90),
                20 + draws.nextInt(300),
                draws.nextInt(4) == 0,
                Footer.TRUE);
        int count = 1 + draws.nextInt(500);
        int words = 1 + draws.nextInt(60);
        boolean nothing = draws.nextInt(4) == 0;
        List<Group> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            rows.add(row(draws, row, words, nothing));
        }
        Path path = folder.resolve("in-" + draws.seed() + "-" + number + ".parquet");
        writer.write(path, SCHEMA, rows);
        BitSet dropped = null;
        if (draws.nextInt(3) == 0) {
            dropped = new BitSet();
            int every = 1 + draws.nextInt(40);
            for (int row = draws.nextInt(count); row < count; row += every) {
                dropped.set(row);
            }
            // At least one row goes on.
            dropped.clear(draws.nextInt(count));
        }
        return new Source(path, footer(path), dropped);
    }

    private static Group row(Draws draws, int row, int words, boolean nothing) {
        SimpleGroup group = new SimpleGroup(SCHEMA);
        group.add("id", (long) row);
        group.add("code", org.apache.parquet.io.api.Binary.fromString("" + (char) ('a' + draws.nextInt(26)) + "--"));
        if (nothing) {
            return group;
        }
        if (draws.nextInt(5) > 0) {
            group.add("word", "word " + draws.nextInt(words));
        }
        if (draws.nextBoolean()) {
            double[] odd = {0.0, -0.0, Double.NaN, Double.longBitsToDouble(0x7ff8000000000123L), draws.nextDouble()};
            group.add("number", odd[draws.nextInt(odd.length)]);
        }
        if (draws.nextInt(3) > 0) {
            group.add("flag", draws.nextBoolean());
        }
        if (draws.nextInt(3) > 0) {
            Group list = group.addGroup("tags");
            for (int tag = draws.nextInt(4); tag > 0; tag--) {
                Group element = list.addGroup("list");
                if (draws.nextBoolean()) {
                    element.add("element", draws.nextInt(9));
                }
            }
        }
        if (draws.nextBoolean()) {
            Group place = group.addGroup("place");
            place.add("height", draws.nextFloat());
            if (draws.nextBoolean()) {
                place.add("name", "name " + draws.nextInt(words));
            }
        }
        return group;
    }

    private static WriteSettings settings(Draws draws) {
        return new WriteSettings(
                draws.nextInt(3) > 0 ? CompressionCodecName.ZSTD : CompressionCodecName.SNAPPY,
                null,
                properties(draws.nextInt(4) == 0));
    }

    private static ParquetProperties properties(boolean second) {
        WriterVersion version = second ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0;
        return ParquetProperties.builder()
                .withValuesWriterFactory(WriteSettings.valuesWriters(version))
                .withWriterVersion(version)
                .build();
    }

    /** Merges row groups, so many to one of the output. */
    private static Map<Share, Long> merge(List<Source> sources, Path output, WriteSettings settings, int together)
            throws IOException {
        Buffers buffers = new Buffers(64 << 20);
        List<RowGroupPart> parts = new ArrayList<>();
        for (Source source : sources) {
            SourceFile file = new SourceFile(new InMemory(source.path()), source.footer());
            SchemaMatch match = SchemaMatch.of(source.footer().getFileMetaData().getSchema(), SCHEMA);
            List<Origin> origins = IntStream.range(0, SCHEMA.getColumns().size())
                    .mapToObj(column -> Origin.of(match, column, null))
                    .toList();
            long first = 0;
            for (int rowGroup = 0; rowGroup < file.rowGroups(); rowGroup++) {
                RowGroupPart part = new RowGroupPart(file, rowGroup, first, origins, source.dropped());
                if (part.liveRows() > 0) {
                    parts.add(part);
                }
                first += file.rows(rowGroup);
            }
        }
        try (MergedFile merged =
                new MergedFile(new LocalOutputFile(output), SCHEMA, settings, buffers, ChunkCheck.NONE)) {
            for (int from = 0; from < parts.size(); from += together) {
                merged.rowGroup(parts.subList(from, Math.min(parts.size(), from + together)), () -> {});
            }
            merged.end(Map.of());
            return merged.shares();
        }
    }

    private static ParquetMetadata footer(Path file) throws IOException {
        ParquetReadOptions options =
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
            return reader.getFooter();
        }
    }

    private static List<String> rows(Path file) throws IOException {
        return ExampleRows.of(
                file, IntStream.range(0, SCHEMA.getFieldCount()).boxed().toList());
    }

    private record InMemory(String name, byte[] content) implements FileBytes {
        InMemory(Path file) throws IOException {
            this(file.toString(), Files.readAllBytes(file));
        }

        @Override
        public long length() {
            return content.length;
        }

        @Override
        public ByteBuffer read(long offset, int length) {
            return ByteBuffer.wrap(content, Math.toIntExact(offset), length);
        }
    }
}
