package io.sink.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.engine.MemoryBudgetException;
import io.sink.pages.BrokenPageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;

/** Each bound by itself: what one claim is held against, whatever the others would find. */
class SoundVectorTest {
    private static final int OFFSET = 4;
    private static final int SIZE = 32;

    /** How a bitmap without runs begins. */
    private static final int NO_RUNS = 12346;

    @Test
    void a_vector_that_is_sound_passes() throws IOException {
        byte[] read = new byte[SIZE];

        try (SeekableInputStream in = new SoundVector(file(1, 0), deletes(OFFSET, SIZE)).newStream()) {
            in.seek(OFFSET);
            IOUtil.readFully(in, read, 0, SIZE);
        }

        assertThat(read).isEqualTo(vector(1, 0));
    }

    @Test
    void a_vector_that_is_not_in_the_file_is_refused() {
        long large = 2 << 20;
        assertRefused("is not in the file", -1, SIZE);
        assertRefused("is not in the file", OFFSET, -1);
        assertRefused("is not in the file", OFFSET, 19);
        assertRefused("is not in the file", OFFSET, large);
        InputFile sparse = new Sparse(large);
        assertThatThrownBy(() -> new SoundVector(sparse, deletes(1, large))).hasMessageContaining("is not in the file");
    }

    @Test
    void a_vector_that_is_there_and_larger_than_the_budget_is_refused() {
        assertThatThrownBy(() -> new SoundVector(new Sparse(1L << 40), deletes(OFFSET, Integer.MAX_VALUE)))
                .isInstanceOf(MemoryBudgetException.class);
    }

    @Test
    void bitmaps_that_the_vector_cannot_hold_are_refused() {
        for (long count : new long[] {-1, 2, 1L << 40}) {
            assertThatThrownBy(() -> new SoundVector(file(count, 0), deletes(OFFSET, SIZE)).newStream())
                    .isInstanceOf(BrokenPageException.class)
                    .hasMessageContaining("a vector of " + count + " bitmaps");
        }
    }

    @Test
    void a_first_key_beyond_every_file_is_refused() {
        for (int key : new int[] {-1, 1025, Integer.MAX_VALUE - 1}) {
            assertThatThrownBy(() -> new SoundVector(file(1, key), deletes(OFFSET, SIZE)).newStream())
                    .isInstanceOf(BrokenPageException.class)
                    .hasMessageContaining("a vector of positions beyond");
        }
    }

    @Test
    void a_later_key_beyond_every_file_and_a_bitmap_that_is_none_are_refused() {
        byte[] vector = ByteBuffer.allocate(48)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(8, 2)
                .putInt(20, NO_RUNS)
                .putInt(28, Integer.MAX_VALUE - 1)
                .putInt(32, NO_RUNS)
                .array();
        assertThatThrownBy(() -> new SoundVector(new InMemoryInputFile(vector), deletes(0, 48)).newStream())
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("a vector of positions beyond");

        vector[32] = 0;
        vector[28] = vector[29] = vector[30] = vector[31] = 0;
        assertThatThrownBy(() -> new SoundVector(new InMemoryInputFile(vector), deletes(0, 48)).newStream())
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("bitmaps that cannot be read");
    }

    private static void assertRefused(String why, long offset, long size) {
        assertThatThrownBy(() -> new SoundVector(file(1, 0), deletes(offset, size)))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining(why);
    }

    private static InputFile file(long count, int key) {
        return new InMemoryInputFile(ByteBuffer.allocate(OFFSET + SIZE + 1)
                .put(OFFSET, vector(count, key))
                .array());
    }

    /** Length, magic, count, and a bitmap of no position. */
    private static byte[] vector(long count, int key) {
        return ByteBuffer.allocate(SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(8, count)
                .putInt(16, key)
                .putInt(20, NO_RUNS)
                .array();
    }

    private static DeleteFile deletes(long offset, long size) {
        return FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                .ofPositionDeletes()
                .withFormat(FileFormat.PUFFIN)
                .withPath("v.puffin")
                .withFileSizeInBytes(100)
                .withRecordCount(1)
                .withReferencedDataFile("f.parquet")
                .withContentOffset(offset)
                .withContentSizeInBytes(size)
                .build();
    }

    /** A file of which only the length is asked. */
    private record Sparse(long length) implements InputFile {
        @Override
        public long getLength() {
            return length;
        }

        @Override
        public SeekableInputStream newStream() {
            throw new AssertionError("read");
        }

        @Override
        public String location() {
            return "v.puffin";
        }

        @Override
        public boolean exists() {
            return true;
        }
    }
}
