package io.sink.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalMetadataStoreTest {

    private static final byte[] CONTENT = "{}".getBytes(UTF_8);

    @TempDir
    Path directory;

    @Test
    void lists_the_versions_in_all_their_forms_and_nothing_else() throws IOException {
        for (String name : new String[] {
            "v1.metadata.json",
            "v2.gz.metadata.json",
            "v3.metadata.json.gz",
            "v12.metadata.json",
            "v04.metadata.json",
            "v5.metadata.json.tmp",
            "v.metadata.json",
            "vx.metadata.json",
            "00001-a.metadata.json",
            "v6.json",
            ".sink-1.tmp",
            "version-hint.text",
            "xv7.metadata.json",
            "v8.lz4.metadata.json"
        }) {
            Files.createFile(directory.resolve(name));
        }

        assertThat(new LocalMetadataStore(directory).versions())
                .extracting(MetadataVersion::number)
                .containsExactlyInAnyOrder(1L, 2L, 3L, 12L);
        assertThat(new LocalMetadataStore(directory.resolve("missing")).versions())
                .isEmpty();
    }

    @Test
    void creates_a_file_once_and_leaves_nothing_beside_it() {
        LocalMetadataStore store = new LocalMetadataStore(directory);

        store.create("v1.metadata.json", CONTENT);

        assertThatThrownBy(() -> store.create("v1.metadata.json", "other".getBytes(UTF_8)))
                .isInstanceOf(AlreadyExistsException.class);
        assertThat(store.read("v1.metadata.json")).isEqualTo(CONTENT);
        assertThatThrownBy(() -> store.read("v2.metadata.json")).isInstanceOf(NotFoundException.class);
        assertThat(directory).isDirectoryNotContaining(file -> !file.endsWith("v1.metadata.json"));
    }

    @Test
    void a_link_that_was_made_although_it_was_refused_is_made() {
        LocalMetadataStore repeating = new LocalMetadataStore(directory, (name, existing) -> {
            Files.createLink(name, existing);
            throw new FileAlreadyExistsException(name.toString());
        });

        repeating.create("v1.metadata.json", CONTENT);

        assertThat(directory.resolve("v1.metadata.json")).hasBinaryContent(CONTENT);
    }

    @Test
    void without_hard_links_nothing_is_committed_and_it_says_so() {
        LocalMetadataStore none = new LocalMetadataStore(directory, (name, existing) -> {
            throw new UnsupportedOperationException();
        });
        LocalMetadataStore refusing = new LocalMetadataStore(directory, (name, existing) -> {
            throw new FileSystemException(name.toString(), existing.toString(), "Operation not permitted");
        });

        for (LocalMetadataStore store : new LocalMetadataStore[] {none, refusing}) {
            assertThatThrownBy(() -> store.create("v1.metadata.json", CONTENT))
                    .isInstanceOf(NothingCommittedException.class)
                    .isInstanceOf(CleanableFailure.class)
                    .hasMessageContaining("hard link");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_link_whose_fate_cannot_be_seen_is_unknown() {
        LocalMetadataStore blind = new LocalMetadataStore(directory, (name, existing) -> {
            Files.createLink(name, existing);
            Files.delete(existing);
            throw new IOException("Stale file handle");
        });
        LocalMetadataStore surprised = new LocalMetadataStore(directory, (name, existing) -> {
            throw new IllegalStateException();
        });

        assertThatThrownBy(() -> blind.create("v1.metadata.json", CONTENT))
                .isInstanceOf(CommitStateUnknownException.class);
        assertThatThrownBy(() -> surprised.create("v2.metadata.json", CONTENT))
                .isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void a_directory_that_cannot_be_written_commits_nothing() {
        LocalMetadataStore store = new LocalMetadataStore(directory.resolve("missing"));

        assertThatThrownBy(() -> store.create("v1.metadata.json", CONTENT))
                .isInstanceOf(NothingCommittedException.class);
    }

    @Test
    void takes_away_what_a_dead_process_left_and_not_what_a_living_one_writes() throws IOException {
        Path dead = Files.createFile(directory.resolve(".sink-dead.tmp"));
        Path living = Files.createFile(directory.resolve(".sink-living.tmp"));
        Path foreign = Files.createFile(directory.resolve("foreign.tmp"));
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
        Files.setLastModifiedTime(dead, old);
        Files.setLastModifiedTime(foreign, old);

        new LocalMetadataStore(directory).create("v1.metadata.json", CONTENT);

        assertThat(dead).doesNotExist();
        assertThat(living).exists();
        assertThat(foreign).exists();
    }

    @Test
    void the_hint_is_replaced_whole() throws IOException {
        LocalMetadataStore store = new LocalMetadataStore(directory);

        store.writeHint(9);
        store.writeHint(10);

        assertThat(directory.resolve("version-hint.text")).hasContent("10");
        assertThat(directory).isDirectoryNotContaining(file -> !file.endsWith("version-hint.text"));
    }
}
