package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.rewrite.StoredBytes.Place;
import io.sink.table.ObjectChecksum;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A file of two chunks, of 10 and 20 bytes, with 4 bytes in front of them and 30 behind. */
class StreamedBytesTest {
    private static final int[] LENGTHS = {10, 20};

    private final byte[] file = new byte[64];
    private List<Place> compared = List.of();
    private int asked;

    @BeforeEach
    void fill() {
        new Random(5).nextBytes(file);
        compared = List.of(place(4, 10), place(14, 20));
    }

    @Test
    void what_was_compared_and_written_and_is_stored_is_held() {
        assertThat(streamed("SUM").held(compared, 64)).isEqualTo("SUM");
    }

    @Test
    void what_storage_does_not_confirm_has_to_be_read() {
        assertThat(streamed(null).held(compared, 64)).isNull();
        assertThat(asked).isOne();
    }

    @Test
    void other_bytes_than_were_compared_have_to_be_read() {
        for (int at = 4; at < 34; at++) {
            file[at] ^= 1;
            assertThat(streamed("SUM").held(compared, 64)).isNull();
            file[at] ^= 1;
        }
        assertThat(asked).isZero();
    }

    @Test
    void another_place_length_or_number_of_chunks_has_to_be_read() {
        Place second = compared.get(1);
        List<List<Place>> others = new ArrayList<>();
        others.add(List.of(compared.get(0)));
        others.add(List.of(compared.get(0), second, second));
        others.add(List.of(compared.get(0), new Place(15, 20, second.checksum())));
        others.add(List.of(compared.get(0), new Place(14, 19, second.checksum())));

        for (List<Place> other : others) {
            assertThat(streamed("SUM").held(other, 64)).isNull();
        }
        assertThat(streamed("SUM").held(compared, 63)).isNull();
        assertThat(asked).isZero();
    }

    @Test
    void a_file_that_ends_within_its_chunks_has_to_be_read() {
        StreamedBytes streamed = new StreamedBytes(new Fixed("SUM"), this::length);
        streamed.add(file, 0, 34);

        assertThat(streamed.held(compared, 34)).isNull();
    }

    private StreamedBytes streamed(@Nullable String answer) {
        StreamedBytes streamed = new StreamedBytes(new Fixed(answer), this::length);
        Random sizes = new Random(asked);
        for (int at = 0; at < file.length; ) {
            int count = Math.min(file.length - at, sizes.nextInt(16));
            streamed.add(file, at, count);
            at += count;
        }
        return streamed;
    }

    private int length(int chunk) {
        return chunk < LENGTHS.length ? LENGTHS[chunk] : StreamedBytes.NO_MORE;
    }

    private Place place(int start, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(file, start, length);
        return new Place(start, length, (int) checksum.getValue());
    }

    /** Storage that always gives the same answer. */
    private final class Fixed implements ObjectChecksum {
        private final @Nullable String answer;
        private final List<Byte> bytes = new ArrayList<>();

        Fixed(@Nullable String answer) {
            this.answer = answer;
        }

        @Override
        public void update(byte[] added, int from, int count) {
            for (int at = from; at < from + count; at++) {
                bytes.add(added[at]);
            }
        }

        @Override
        public @Nullable String held() {
            asked++;
            assertThat(bytes).hasSize(file.length);
            return answer;
        }
    }
}
