package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.table.ObjectChecksum;
import io.sink.table.ObjectChecksums;
import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects as Iceberg writes them, and the checksums that two stores keep of them. */
class S3ChecksumsTest {
    private static final int PART = 5 << 20;
    private static final int SMALL = 100_000;
    private static final int IN_PARTS = 2 * PART + SMALL;

    @TempDir
    static Path folder;

    /** Has entity tags only. */
    private static S3Server tags;
    /** Has CRC-32 of what was uploaded at once, and entity tags of what was uploaded in parts. */
    private static S3Server sums;

    private static int objects;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        tags = S3Server.start(Files.createDirectories(folder.resolve("tags")));
        sums = S3Server.startCareless(Files.createDirectories(folder.resolve("sums")));
    }

    @AfterAll
    static void stop() {
        tags.close();
        sums.close();
    }

    @Test
    void the_entity_tag_of_an_object_that_was_uploaded_at_once() {
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(held(io, bytes(SMALL), 0)).isEqualTo("MD5");
            assertThat(held(io, bytes(SMALL), 0)).isEqualTo("MD5");
        }
    }

    @Test
    void the_entity_tag_of_an_object_that_was_uploaded_in_parts() {
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(held(io, bytes(IN_PARTS), 0)).isEqualTo("MD5");
            assertThat(held(io, bytes(2 * PART), 0)).isEqualTo("MD5");
        }
    }

    @Test
    void an_object_just_below_and_just_above_the_size_from_which_parts_are_uploaded() {
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(held(io, bytes(PART + PART / 2 - 1), 0)).isEqualTo("MD5");
            assertThat(held(io, bytes(PART + PART / 2), 0)).isEqualTo("MD5");
        }
    }

    @Test
    void a_checksum_that_another_store_than_amazons_keeps_is_not_asked_for() {
        try (RoutedFileIO io = io(sums.port())) {
            assertThat(held(io, bytes(SMALL), 0)).isEqualTo("MD5");
            assertThat(held(io, bytes(IN_PARTS), 0)).isEqualTo("MD5");
        }
    }

    @Test
    void other_bytes_than_were_added_are_not_held() {
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(held(io, bytes(SMALL), 1)).isNull();
        }
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(held(io, bytes(IN_PARTS), 1)).isNull();
        }
        try (RoutedFileIO io = io(sums.port())) {
            assertThat(held(io, bytes(SMALL), 1)).isNull();
        }
    }

    @Test
    void a_store_that_keeps_nothing_that_can_be_compared_is_asked_once() {
        try (FaultyWire wire = FaultyWire.to(tags.port());
                RoutedFileIO io = io(wire.port())) {
            held(io, bytes(SMALL), 1);
            held(io, bytes(SMALL), 0);
            assertThat(wire.log())
                    .filteredOn(line -> line.contains(" HEAD ") && line.endsWith(" 200"))
                    .hasSize(1);

            held(io, bytes(IN_PARTS), 1);
            assertThat(ObjectChecksums.of(io, "s3://lake/next")).isNull();
        }
    }

    @Test
    void a_store_that_refuses_to_tell_is_asked_once() {
        try (FaultyWire wire = FaultyWire.to(tags.port());
                RoutedFileIO io = io(wire.port())) {
            wire.plan(exchange -> exchange.header("x-amz-checksum-mode").equals("ENABLED")
                            && exchange.method().equals("HEAD")
                    ? WireFault.refused(400, Map.of(), "")
                    : WireFault.NONE);
            assertThat(held(io, bytes(SMALL), 0)).isNull();
            assertThat(held(io, bytes(SMALL), 0)).isNull();
            assertThat(wire.log())
                    .filteredOn(line -> line.contains(" HEAD ") && line.contains(" 400"))
                    .hasSize(1);
        }
    }

    @Test
    void an_object_that_is_not_there_is_not_held() {
        try (RoutedFileIO io = io(tags.port())) {
            ObjectChecksum checksum = Objects.requireNonNull(ObjectChecksums.of(io, "s3://lake/nowhere"));
            checksum.update(new byte[10], 0, 10);

            assertThat(checksum.held()).isNull();
        }
    }

    @Test
    void a_file_on_local_disk_has_no_checksum() {
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(ObjectChecksums.of(io, "/tmp/x")).isNull();
        }
    }

    @Test
    void what_writes_in_its_own_way_is_not_asked() {
        try (RoutedFileIO io = new RoutedFileIO()) {
            io.initialize(Map.of(RoutedFileIO.REMOTE, "org.apache.iceberg.aws.glue.OtherFileIO"));

            assertThat(ObjectChecksums.of(io, "s3://lake/x")).isNull();
        }
    }

    @Test
    void guards_and_names_in_front_of_the_storage_do_not_hide_it() {
        try (RoutedFileIO io = io(tags.port())) {
            assertThat(ObjectChecksums.of(new GuardedFileIO(io, () -> {}), "s3://lake/x"))
                    .isNotNull();
            assertThat(ObjectChecksums.of(new BlobFileIO(io, "s3://lake"), "blob://x"))
                    .isNotNull();
            assertThat(ObjectChecksums.of(GatedFiles.of(io, new Gate()), "s3://lake/x"))
                    .isNotNull();
        }
    }

    private static RoutedFileIO io(int port) {
        RoutedFileIO io = new RoutedFileIO();
        Map<String, String> properties = S3Server.properties("http://127.0.0.1:" + port);
        properties.put("client.region", "us-east-1");
        properties.put("s3.multipart.part-size-bytes", Integer.toString(PART));
        io.initialize(properties);
        return io;
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /** Writes an object, some bytes at a time, and adds the same bytes but for the last ones. */
    private static @Nullable String held(RoutedFileIO io, byte[] bytes, int wrong) {
        String location = "s3://lake/object" + ++objects;
        ObjectChecksum checksum = ObjectChecksums.of(io, location);
        try (OutputStream out = io.newOutputFile(location).create()) {
            Random sizes = new Random(objects);
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + sizes.nextInt(3 << 20));
                out.write(bytes, at, count);
                byte[] added = Arrays.copyOfRange(bytes, at, at + count);
                at += count;
                if (at == bytes.length) {
                    added[count - 1] ^= (byte) wrong;
                }
                if (checksum != null) {
                    checksum.update(added, 0, count);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return checksum == null ? null : checksum.held();
    }
}
