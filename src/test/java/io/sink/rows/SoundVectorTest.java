package io.sink.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.engine.MemoryBudgetException;
import io.sink.pages.BrokenPageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

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
        vector[28] = 1;
        vector[29] = vector[30] = vector[31] = 0;
        assertThatThrownBy(() -> new SoundVector(new InMemoryInputFile(vector), deletes(0, 48)).newStream())
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("bitmaps that cannot be read");
    }

    @Test
    void positions_of_any_form_in_order_pass() throws IOException {
        for (ByteBuffer bitmap : List.of(few(), runs(), many(), far())) {
            byte[] vector = vector(bitmap, 0);
            byte[] read = new byte[vector.length];

            try (SeekableInputStream in = read(vector)) {
                IOUtil.readFully(in, read, 0, read.length);
            }

            assertThat(read).isEqualTo(vector);
        }
        // Other writers need not join runs that touch.
        ByteBuffer touching = runs();
        touching.putShort(touching.limit() - 4, (short) 100);
        assertThatCode(() -> read(vector(touching, 0)).close()).doesNotThrowAnyException();
    }

    @Test
    void positions_out_of_order_are_refused() {
        ByteBuffer swapped = few();
        swapped.putShort(swapped.limit() - 6, (short) 2).putShort(swapped.limit() - 2, (short) 0);
        ByteBuffer twice = few();
        twice.putShort(twice.limit() - 2, (short) 1);
        ByteBuffer overlapping = runs();
        overlapping.putShort(overlapping.limit() - 4, (short) 50);
        ByteBuffer beyond = runs();
        beyond.putShort(beyond.limit() - 2, (short) -1);
        ByteBuffer miscounted = many();
        miscounted.put(miscounted.limit() - 8000, (byte) -1);
        ByteBuffer keys = far();
        keys.putShort(8, (short) 1).putShort(12, (short) 0);

        for (ByteBuffer bitmap : List.of(swapped, twice, overlapping, beyond, miscounted, keys)) {
            assertThatThrownBy(() -> read(vector(bitmap, 0)))
                    .isInstanceOf(BrokenPageException.class)
                    .hasMessageContaining("positions that are not in order");
        }
    }

    @Test
    void bitmaps_out_of_order_are_refused() {
        for (int key : new int[] {0, 1}) {
            assertThatThrownBy(() -> read(vector(few(), 1, few(), key)))
                    .isInstanceOf(BrokenPageException.class)
                    .hasMessageContaining("positions that are not in order");
        }
    }

    private static ByteBuffer few() {
        return bitmap(RoaringBitmap.bitmapOf(0, 1, 2));
    }

    private static ByteBuffer runs() {
        RoaringBitmap runs = RoaringBitmap.bitmapOfRange(0, 100);
        runs.add(200L, 300L);
        runs.runOptimize();
        return bitmap(runs);
    }

    private static ByteBuffer many() {
        RoaringBitmap many = new RoaringBitmap();
        for (int position = 0; position < 20_000; position += 3) {
            many.add(position);
        }
        return bitmap(many);
    }

    private static ByteBuffer far() {
        return bitmap(RoaringBitmap.bitmapOf(1, 70_000));
    }

    private static ByteBuffer bitmap(RoaringBitmap positions) {
        ByteBuffer bytes =
                ByteBuffer.allocate(positions.serializedSizeInBytes()).order(ByteOrder.LITTLE_ENDIAN);
        positions.serialize(bytes);
        return bytes.rewind();
    }

    private static SeekableInputStream read(byte[] vector) {
        return new SoundVector(new InMemoryInputFile(vector), deletes(0, vector.length)).newStream();
    }

    /** A vector of one bitmap after the other, each with its key. */
    private static byte[] vector(Object... bitmapsAndKeys) {
        int bytes = 20;
        for (int i = 0; i < bitmapsAndKeys.length; i += 2) {
            bytes += Integer.BYTES + ((ByteBuffer) bitmapsAndKeys[i]).limit();
        }
        ByteBuffer vector =
                ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(8, bitmapsAndKeys.length / 2);
        vector.position(16);
        for (int i = 0; i < bitmapsAndKeys.length; i += 2) {
            vector.putInt((int) bitmapsAndKeys[i + 1]).put(((ByteBuffer) bitmapsAndKeys[i]).duplicate());
        }
        return vector.array();
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
