package io.sink.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalFileIOTest {

    private final LocalFileIO io = new LocalFileIO();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "file:", "file://"})
    void what_is_written_is_read_and_listed_in_the_form_it_was_asked_in(String form) throws IOException {
        String location = form + directory + "/a/b/p=x%2Fy/file 1.txt";

        write(location, "content");
        InputFile input = io.newInputFile(location);

        assertThat(input.location()).isEqualTo(location);
        assertThat(input.getLength()).isEqualTo(7);
        assertThat(directory.resolve("a/b/p=x%2Fy/file 1.txt")).hasContent("content");
        assertThat(list(form + directory + "/a/")).containsExactly(location);
    }

    @Test
    void a_stream_seeks_and_reads_ranges_and_ends() throws IOException {
        write(directory + "/file", "0123456789");

        try (SeekableInputStream stream = io.newInputFile(directory + "/file").newStream()) {
            stream.seek(4);
            assertThat(stream.read()).isEqualTo('4');
            assertThat(stream.skip(3)).isEqualTo(3);
            assertThat(stream.skip(100)).isEqualTo(2);
            assertThat(stream.read()).isEqualTo(-1);
            byte[] tail = new byte[3];
            assertThat(((RangeReadable) stream).readTail(tail, 0, 3)).isEqualTo(3);
            assertThat(new String(tail, UTF_8)).isEqualTo("789");
        }
    }

    @Test
    void create_does_not_overwrite_and_create_or_overwrite_does() throws IOException {
        OutputFile file = io.newOutputFile(directory + "/file");
        write(directory + "/file", "a longer first");

        assertThatThrownBy(file::create).isInstanceOf(AlreadyExistsException.class);
        try (PositionOutputStream stream = file.createOrOverwrite()) {
            stream.write("second".getBytes(UTF_8));
            assertThat(stream.getPos()).isEqualTo(6);
        }

        assertThat(directory.resolve("file")).hasContent("second");
    }

    @Test
    @Timeout(20)
    void what_is_no_regular_file_is_refused_before_it_is_opened() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        for (String location : List.of(pipe.toString(), "/dev/zero", directory.toString())) {
            InputFile input = io.newInputFile(location);
            assertThatThrownBy(input::newStream)
                    .as(location)
                    .isInstanceOf(NotAFileException.class)
                    .hasMessageStartingWith(location + " is a ");
        }
        assertThatThrownBy(() -> new LocalMetadataStore(directory).read("pipe")).isInstanceOf(NotAFileException.class);
    }

    @Test
    void a_file_behind_a_link_is_read() throws IOException {
        Path link = Files.createSymbolicLink(
                directory.resolve("link"), Files.writeString(directory.resolve("file"), "content"));

        assertThat(io.newInputFile(link.toString()).getLength()).isEqualTo(7);
        try (SeekableInputStream stream = io.newInputFile(link.toString()).newStream()) {
            assertThat(stream.readAllBytes()).hasSize(7);
        }
    }

    @Test
    void a_missing_file_is_not_found() {
        String missing = directory + "/missing";

        assertThat(io.newInputFile(missing).exists()).isFalse();
        assertThatThrownBy(() -> io.newInputFile(missing).newStream()).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> io.newInputFile(missing).getLength()).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> io.deleteFile(missing)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void deletes_a_link_and_not_its_target_and_no_directory() throws IOException {
        write(directory + "/target", "content");
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("target"));
        Files.createDirectory(directory.resolve("empty"));

        io.deleteFile("file:" + directory + "/link");

        assertThat(directory.resolve("link")).doesNotExist();
        assertThat(directory.resolve("target")).exists();
        assertThatThrownBy(() -> io.deleteFile(directory + "/empty")).isInstanceOf(ValidationException.class);
        assertThatThrownBy(() -> io.deletePrefix(directory + "/")).isInstanceOf(UnsupportedOperationException.class);
        assertThat(directory.resolve("empty")).exists();
    }

    @Test
    void a_bulk_deletion_goes_on_after_a_failure_and_counts_it() throws IOException {
        write(directory + "/first", "1");
        write(directory + "/full/of", "2");
        write(directory + "/last", "3");
        List<String> files = Stream.of("first", "gone", "full", "last")
                .map(name -> directory + "/" + name)
                .toList();

        assertThatThrownBy(() -> io.deleteFiles(files))
                .isInstanceOfSatisfying(
                        BulkDeletionFailureException.class,
                        e -> assertThat(e.numberFailedObjects()).isEqualTo(1));

        assertThat(list(directory + "/")).containsExactly(directory + "/full/of");
    }

    @Test
    void a_prefix_is_a_string_as_on_s3() throws IOException {
        for (String name : List.of("t1/a", "t1/d/b", "t10/c", "t1x", "t2/d")) {
            write(directory + "/" + name, name);
        }
        write(directory + "/t2/metadata/sink-journal-1", "");
        write(directory + "/t2/metadata/sink-other", "");

        assertThat(list(directory + "/t1/")).containsExactlyInAnyOrder(directory + "/t1/a", directory + "/t1/d/b");
        assertThat(list(directory + "/t1"))
                .containsExactlyInAnyOrder(
                        directory + "/t1/a", directory + "/t1/d/b", directory + "/t10/c", directory + "/t1x");
        assertThat(list("file://" + directory + "/t2/metadata/sink-journal-"))
                .containsExactly("file://" + directory + "/t2/metadata/sink-journal-1");
        assertThat(list(directory + "/missing/")).isEmpty();
        assertThat(list(directory + "/missing/deeper")).isEmpty();
        assertThat(list(directory + "/t1x/")).isEmpty();
    }

    @Test
    void a_listing_follows_no_link_and_does_not_loop() throws IOException {
        write(directory + "/outside/secret", "");
        write(directory + "/t/file", "");
        Files.createSymbolicLink(directory.resolve("t/away"), directory.resolve("outside"));
        Files.createSymbolicLink(directory.resolve("t/loop"), directory.resolve("t"));
        Files.createSymbolicLink(directory.resolve("t/link"), directory.resolve("outside/secret"));

        assertThat(list(directory + "/t/")).containsExactly(directory + "/t/file");
    }

    @Test
    void files_deleted_while_they_are_listed_are_no_error() throws IOException {
        for (int i = 0; i < 100; i++) {
            write(directory + "/t/" + (i / 10) + "/" + i, "");
        }

        int listed = 0;
        try (CloseableIterator<FileInfo> files =
                io.listPrefix(directory + "/t/").iterator()) {
            while (files.hasNext()) {
                io.deleteFile(files.next().location());
                listed++;
            }
        }

        assertThat(listed).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://bucket/key", "file://host/path", "/a/../b", "file:/a/b/../../c"})
    void refuses_what_is_not_plainly_a_local_path(String location) {
        assertThatThrownBy(() -> io.newInputFile(location)).isInstanceOf(ValidationException.class);
        assertThatThrownBy(() -> io.deleteFile(location)).isInstanceOf(ValidationException.class);
    }

    private void write(String location, String content) throws IOException {
        try (PositionOutputStream stream = io.newOutputFile(location).create()) {
            stream.write(content.getBytes(UTF_8));
        }
    }

    private List<String> list(String prefix) throws IOException {
        try (var files = io.listPrefix(prefix)) {
            return java.util.stream.StreamSupport.stream(files.spliterator(), false)
                    .map(FileInfo::location)
                    .toList();
        }
    }
}
