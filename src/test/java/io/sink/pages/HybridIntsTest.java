package io.sink.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Seeds.Given.class)
final class HybridIntsTest {
    @Test
    void one_run_is_known_without_being_decoded() {
        byte[] run = {(byte) (100 << 1), 1, 1};
        byte[] packed = {3, (byte) 0xff};

        assertThat(HybridInts.isRun(run, 0, 3, 1, 1, 100))
                .as("200 << 1 is 100, then 1")
                .isTrue();
        assertThat(HybridInts.isRun(run, 0, 3, 1, 0, 100)).as("another value").isFalse();
        assertThat(HybridInts.isRun(run, 0, 3, 1, 1, 229))
                .as("more values than that")
                .isFalse();
        assertThat(HybridInts.isRun(run, 0, 2, 1, 1, 100))
                .as("the value is cut off")
                .isFalse();
        assertThat(HybridInts.isRun(packed, 0, 2, 1, 1, 8)).as("bits").isFalse();
    }

    @Test
    void reads_what_parquet_writes_and_parquet_reads_what_this_writes(Seeds seeds) throws Exception {
        seeds.once(random -> {
            for (int round = 0; round < 500; round++) {
                int width = random.nextInt(21);
                int[] values = values(random, width, 1 + random.nextInt(3000));

                ByteArrayOutputStream ours = new ByteArrayOutputStream();
                HybridInts.encode(values, values.length - 8, width, ours);
                byte[] theirs = theirs(values, width);

                int[] expected = Arrays.copyOf(values, values.length - 8);
                assertThat(read(theirs, width, expected.length)).isEqualTo(expected);
                assertThat(read(ours.toByteArray(), width, expected.length)).isEqualTo(expected);

                RunLengthBitPackingHybridDecoder decoder =
                        new RunLengthBitPackingHybridDecoder(width, new ByteArrayInputStream(ours.toByteArray()));
                for (int value : expected) {
                    assertThat(decoder.readInt()).isEqualTo(value);
                }
            }
        });
    }

    @Test
    void bytes_that_end_too_early_are_an_error_and_never_an_endless_loop() throws IOException {
        int[] values = values(new Random(1), 5, 200);
        byte[] whole = theirs(values, 5);
        for (int length = 0; length < whole.length - 5; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut, 5, 200)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> read(new byte[100], 5, 200)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Runs, and noise between them; eight more than are meant, as the encoder wants them. */
    private static int[] values(Random random, int width, int count) {
        int[] values = new int[count + 8];
        int at = 0;
        while (at < count) {
            int run = random.nextBoolean() ? 1 : random.nextInt(40);
            int value = width == 0 ? 0 : random.nextInt(1 << width);
            for (int i = 0; i < run && at < count; i++) {
                values[at++] = value;
            }
        }
        return values;
    }

    private static byte[] theirs(int[] values, int width) throws IOException {
        try (RunLengthBitPackingHybridEncoder encoder =
                new RunLengthBitPackingHybridEncoder(width, 64, 1 << 20, new HeapByteBufferAllocator())) {
            for (int i = 0; i < values.length - 8; i++) {
                encoder.writeInt(values[i]);
            }
            return encoder.toBytes().toByteArray();
        }
    }

    private static int[] read(byte[] bytes, int width, int count) {
        int[] to = new int[HybridInts.room(count)];
        HybridInts.decode(bytes, 0, bytes.length, width, to, count);
        return Arrays.copyOf(to, count);
    }
}
