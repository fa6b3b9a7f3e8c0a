package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.table.TableHead;
import io.sink.table.UnreadableMetadataException;
import io.sink.testing.PathTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That all of the budget is free again is asserted after each class, by {@link io.sink.testing.NothingHeld}. */
class WholeMetadataTest {
    @TempDir
    Path folder;

    private final RoutedFileIO io = new RoutedFileIO();
    private TableMetadata metadata;

    @BeforeEach
    void open() {
        io.initialize(Map.of());
        metadata =
                PathTable.create(folder, "t", 2, Map.of()).load().operations().current();
    }

    @Test
    void a_file_compressed_or_not_is_read_as_before() throws IOException {
        byte[] json = TableMetadataParser.toJson(metadata).getBytes(StandardCharsets.UTF_8);
        Path plain = Files.write(folder.resolve("a.metadata.json"), json);
        Path zipped = Files.write(folder.resolve("a.gz.metadata.json"), gzip(json));

        for (Path file : new Path[] {plain, zipped}) {
            assertThat(TableMetadataParser.read(io, file.toString()).uuid()).isEqualTo(metadata.uuid());
            assertThat(TableHead.read(io, file.toString()).orElseThrow().uuid()).isEqualTo(metadata.uuid());
        }
    }

    @Test
    void one_that_unpacks_beyond_the_bound_is_not_unpacked_and_named() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] member = gzip(spaces(8 << 20));
        for (long unpacked = 0; unpacked <= WholeMetadata.most(); unpacked += 8 << 20) {
            bytes.write(member);
        }
        Path bomb = Files.write(folder.resolve("bomb.gz.metadata.json"), bytes.toByteArray());

        assertThatThrownBy(() -> TableMetadataParser.read(io, bomb.toString()))
                .isInstanceOf(UnreadableMetadataException.class)
                .hasMessageStartingWith(bomb + " unpacks to more than ");
    }

    @Test
    void one_that_is_cut_is_no_whole_metadata_for_who_looks_and_a_failure_for_who_loads() throws IOException {
        byte[] zipped = gzip(TableMetadataParser.toJson(metadata).getBytes(StandardCharsets.UTF_8));
        for (int length : new int[] {0, 5, 12}) {
            Path cut = Files.write(folder.resolve("cut.gz.metadata.json"), Arrays.copyOf(zipped, length));

            assertThat(TableHead.read(io, cut.toString()))
                    .as("%d bytes", length)
                    .isEmpty();
            assertThatThrownBy(() -> TableMetadataParser.read(io, cut.toString()))
                    .as("%d bytes", length)
                    .isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void a_plain_file_is_read_no_further_than_the_bound() {
        assertThatThrownBy(() -> WholeMetadata.read("x", new Endless()))
                .isInstanceOf(UnreadableMetadataException.class);
    }

    /** As storage does of which the connection breaks at the end: it was read, and nobody gets it. */
    @Test
    void one_whose_stream_cannot_be_closed_holds_nothing() {
        byte[] json = TableMetadataParser.toJson(metadata).getBytes(StandardCharsets.UTF_8);

        for (int times = 0; times < 3; times++) {
            assertThatThrownBy(() -> WholeMetadata.of(new Unclosable(json)).newStream())
                    .isInstanceOf(RuntimeIOException.class);
        }
    }

    private record Unclosable(byte[] content) implements InputFile {
        @Override
        public long getLength() {
            return content.length;
        }

        @Override
        public SeekableInputStream newStream() {
            SeekableInputStream in = new InMemoryInputFile(content).newStream();
            return new SeekableInputStream() {
                @Override
                public long getPos() throws IOException {
                    return in.getPos();
                }

                @Override
                public void seek(long position) throws IOException {
                    in.seek(position);
                }

                @Override
                public int read() throws IOException {
                    return in.read();
                }

                @Override
                public void close() throws IOException {
                    throw new IOException("the connection broke");
                }
            };
        }

        @Override
        public String location() {
            return "unclosable.metadata.json";
        }

        @Override
        public boolean exists() {
            return true;
        }
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(content);
        }
        return zipped.toByteArray();
    }

    private static byte[] spaces(int count) {
        byte[] spaces = new byte[count];
        Arrays.fill(spaces, (byte) ' ');
        return spaces;
    }

    private static final class Endless extends ByteArrayInputStream {
        Endless() {
            super(new byte[0]);
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) {
            return length;
        }
    }
}
