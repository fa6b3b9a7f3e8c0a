package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.PathTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvroFramesTest {
    private static final int HEADER = 4;

    @TempDir
    Path warehouse;

    @Test
    void a_file_that_is_sound_passes_in_pieces_of_any_size_without_its_length_being_asked() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        List<Path> files;
        try (Stream<Path> all = Files.list(table.location().resolve("metadata"))) {
            files = all.filter(file -> file.toString().endsWith(".avro")).toList();
        }
        assertThat(files).hasSize(2);
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            for (int piece : new int[] {1, 7, 4096}) {
                assertThatCode(() -> follow(bytes, piece, -1)).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void a_header_that_claims_more_than_the_file_has_is_refused() {
        assertRefused("a header of ", number(1L << 40));
        assertRefused("a header of ", number(-(1L << 40)));
        assertRefused("a name of ", number(1), number(1L << 30));
        assertRefused("a name of ", number(1), number(-1));
        assertRefused("a value of ", number(1), number(1), new byte[] {'k'}, number(1L << 30));
    }

    @Test
    void a_number_without_end_is_refused() {
        byte[] endless = new byte[20];
        Arrays.fill(endless, (byte) 0x80);

        assertRefused("a number of more than 64 bits", endless);
    }

    @Test
    void nothing_is_said_of_what_is_read_from_elsewhere_until_it_is_read_from_the_start() {
        AvroFrames frames = new AvroFrames("f.avro", () -> 1000L);
        byte[] hostile = file(number(1L << 40));

        frames.seek(500);
        assertThatCode(() -> frames.next(hostile, 0, hostile.length)).doesNotThrowAnyException();
        frames.seek(0);
        assertThatThrownBy(() -> frames.next(hostile, 0, hostile.length))
                .isInstanceOf(UnreadableMetadataException.class);
    }

    @Test
    void a_block_that_claims_more_than_the_file_has_is_refused() {
        byte[] noHeader = new byte[1 + 16];
        assertRefused("a block of 1099511627776 records", noHeader, number(1L << 40));
        assertRefused("a block of -1 records", noHeader, number(-1));
        assertRefused("a block of 2147483647 bytes", noHeader, number(1), number(Integer.MAX_VALUE));
        assertRefused("a block of -5 bytes", noHeader, number(1), number(-5));
    }

    /** A sparse file costs nothing, and has as many bytes as it says. */
    @Test
    void a_block_that_is_there_and_larger_than_what_can_be_read_is_refused() {
        byte[] bytes = file(new byte[1 + 16], number(1), number(AvroLimits.bytes() + 1));

        assertThatThrownBy(() -> follow(bytes, 4096, Long.MAX_VALUE)).hasMessageContaining("raise -Xmx");
    }

    private static void assertRefused(String what, byte[]... parts) {
        assertThatThrownBy(() -> follow(file(parts), 3, 1000))
                .isInstanceOf(UnreadableMetadataException.class)
                .hasMessageStartingWith("f.avro: " + what);
    }

    private static byte[] file(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[HEADER]);
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    private static void follow(byte[] bytes, int piece, long length) {
        AvroFrames frames = new AvroFrames("f.avro", () -> {
            assertThat(length).as("the length is asked").isPositive();
            return length;
        });
        for (int at = 0; at < bytes.length; at += piece) {
            frames.next(bytes, at, Math.min(piece, bytes.length - at));
        }
    }

    private static byte[] number(long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long left = value << 1 ^ value >> 63;
        for (; (left & ~0x7FL) != 0; left >>>= 7) {
            bytes.write((int) (left & 0x7F) | 0x80);
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }
}
