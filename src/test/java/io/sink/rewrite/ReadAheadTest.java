package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.compact.SmallTable;
import io.sink.pages.Buffers;
import io.sink.rows.GroupInput;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadAheadTest {
    @TempDir
    Path directory;

    private final Map<String, Integer> opened = new ConcurrentHashMap<>();
    private Consumer<String> onOpen = location -> {};
    private SmallTable small;

    @BeforeEach
    void table() {
        small = SmallTable.plain(directory, 2);
    }

    @Test
    void a_small_file_is_asked_for_once_for_the_plan_and_the_rewrite_together() {
        List<DataFile> files = List.of(small.append(1, 10), small.append(2, 20));
        Footers footers = new Footers(1 << 20);

        files.forEach(file -> footers.read(io().newInputFile(file)));
        List<byte[]> read = readAll(files, footers);

        assertThat(opened)
                .hasSize(2)
                .allSatisfy((file, times) -> assertThat(times).isOne());
        assertThat(read.get(0)).isEqualTo(stored(files.get(0)));
        assertThat(read.get(1)).isEqualTo(stored(files.get(1)));
    }

    @Test
    void a_larger_file_is_asked_for_its_end_and_then_for_all_of_it() {
        DataFile file = small.append(
                IntStream.range(0, 30_000)
                        .mapToObj(i -> SmallTable.row(i, "noise " + i * 0x9E3779B97F4A7C15L))
                        .toList(),
                1);
        assertThat(file.fileSizeInBytes()).isBetween(ParquetFooter.TAIL + 1L, SourceBytes.small(new Buffers(1 << 20)));
        Footers footers = new Footers(1 << 20);

        footers.read(io().newInputFile(file));
        List<byte[]> read = readAll(List.of(file), footers);

        assertThat(opened).containsOnly(Map.entry(file.location(), 2));
        assertThat(read.get(0)).isEqualTo(stored(file));
    }

    @Test
    void nothing_is_kept_that_does_not_fit_and_the_same_bytes_are_read_again() {
        List<DataFile> files = List.of(small.append(1, 10), small.append(2, 20));
        Footers footers = new Footers(0);

        files.forEach(file -> footers.read(io().newInputFile(file)));
        List<byte[]> read = readAll(files, footers);

        assertThat(opened)
                .hasSize(2)
                .allSatisfy((file, times) -> assertThat(times).isEqualTo(2));
        assertThat(read.get(1)).isEqualTo(stored(files.get(1)));
    }

    @Test
    void files_are_fetched_while_one_before_them_is_waited_for() {
        List<DataFile> files =
                IntStream.range(0, 4).mapToObj(i -> small.append(i, 10)).toList();
        CountDownLatch others = new CountDownLatch(3);
        onOpen = location -> {
            if (location.equals(files.get(0).location())) {
                await(others);
            } else {
                others.countDown();
            }
        };

        List<byte[]> read = readAll(files, new Footers(0));

        assertThat(read.get(0)).isEqualTo(stored(files.get(0)));
        assertThat(read.get(3)).isEqualTo(stored(files.get(3)));
    }

    @Test
    void a_failure_is_thrown_when_it_is_the_files_turn() {
        List<DataFile> files =
                IntStream.range(0, 3).mapToObj(i -> small.append(i, 10)).toList();
        onOpen = location -> {
            if (location.equals(files.get(1).location())) {
                throw new RuntimeIOException("the disk of the test is gone");
            }
        };

        try (ReadAhead ahead = ahead(files, new Footers(0))) {
            assertThat(ahead.next().length()).isEqualTo(files.get(0).fileSizeInBytes());
            assertThatThrownBy(ahead::next).hasMessageContaining("the disk of the test is gone");
        }
    }

    private List<byte[]> readAll(List<DataFile> files, Footers footers) {
        List<byte[]> read = new ArrayList<>();
        try (ReadAhead ahead = ahead(files, footers)) {
            for (DataFile file : files) {
                try (SourceBytes source = ahead.next()) {
                    assertThat(source.name()).isEqualTo(file.location());
                    assertThat(source.footer().getBlocks()).isNotEmpty();
                    ByteBuffer bytes = source.read(0, Math.toIntExact(source.length()));
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    read.add(copy);
                }
            }
        }
        return read;
    }

    private ReadAhead ahead(List<DataFile> files, Footers footers) {
        List<GroupInput> inputs =
                files.stream().map(file -> new GroupInput(file, List.of())).toList();
        return new ReadAhead(io(), inputs, footers, new Buffers(1 << 20));
    }

    private byte[] stored(DataFile file) {
        byte[] bytes = new byte[Math.toIntExact(file.fileSizeInBytes())];
        SourceBytes.fetch(small.table.io().newInputFile(file.location()), 0, bytes, bytes.length);
        return bytes;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The table's own, which tells of every stream that is opened. */
    private FileIO io() {
        FileIO io = small.table.io();
        return new FileIO() {
            @Override
            public InputFile newInputFile(String path) {
                InputFile file = io.newInputFile(path);
                return new InputFile() {
                    @Override
                    public long getLength() {
                        return file.getLength();
                    }

                    @Override
                    public SeekableInputStream newStream() {
                        opened.merge(path, 1, Integer::sum);
                        onOpen.accept(path);
                        return file.newStream();
                    }

                    @Override
                    public String location() {
                        return path;
                    }

                    @Override
                    public boolean exists() {
                        return file.exists();
                    }
                };
            }

            @Override
            public OutputFile newOutputFile(String path) {
                throw new UnsupportedOperationException(path);
            }

            @Override
            public void deleteFile(String path) {
                throw new UnsupportedOperationException(path);
            }
        };
    }
}
