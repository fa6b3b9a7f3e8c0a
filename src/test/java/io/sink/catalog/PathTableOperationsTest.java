package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.table.UnreadableMetadataException;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathTableOperationsTest {

    @TempDir
    Path directory;

    @Test
    void of_racing_commits_each_is_in_the_history_exactly_once() throws Exception {
        make(Map.of(
                "commit.retry.num-retries", "1000", "commit.retry.min-wait-ms", "1", "commit.retry.max-wait-ms", "5"));
        int threads = 3;
        int commits = 15;

        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<?>> racing = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            String writer = "writer-" + thread;
            racing.add(pool.submit(() -> {
                BaseTable table = table();
                for (int commit = 0; commit < commits; commit++) {
                    table.newFastAppend()
                            .appendFile(Samples.dataFile(table))
                            .set(writer, Integer.toString(commit))
                            .commit();
                }
            }));
        }
        for (Future<?> each : racing) {
            each.get();
        }
        pool.shutdown();

        BaseTable table = table();
        assertThat(table.snapshots()).hasSize(threads * commits);
        for (int thread = 0; thread < threads; thread++) {
            String writer = "writer-" + thread;
            assertThat(StreamSupport.stream(table.snapshots().spliterator(), false)
                            .filter(snapshot -> snapshot.summary().containsKey(writer))
                            .map(snapshot -> snapshot.summary().get(writer)))
                    .containsExactlyElementsOf(numbers(commits));
        }
        assertThat(table.currentSnapshot().summary())
                .containsEntry("total-data-files", Integer.toString(threads * commits));
        assertThat(files()).contains("v" + (threads * commits + 1) + ".metadata.json");
        assertThat(files()).noneMatch(name -> name.endsWith(".tmp"));
    }

    @Test
    void a_commit_that_the_store_acknowledged_and_lost_is_unknown() throws IOException {
        make(Map.of());
        MetadataStore real = new LocalMetadataStore(directory.resolve("metadata"));
        PathTableOperations ops = operations(new ForgetfulStore(real));

        assertThatThrownBy(() -> ops.commit(ops.current(), withProperty(ops.current())))
                .isInstanceOf(CommitStateUnknownException.class);
        assertThat(table().operations().current().properties()).doesNotContainKey("owner");
    }

    @Test
    void a_half_written_version_is_named_and_one_that_is_finished_is_read() throws Exception {
        make(Map.of());
        Path half = directory.resolve("metadata/v2.metadata.json");
        String whole = Files.readString(directory.resolve("metadata/v1.metadata.json"));
        Files.writeString(half, whole.substring(0, whole.length() / 2));

        assertThatThrownBy(this::table)
                .isInstanceOf(UnreadableMetadataException.class)
                .hasMessageContaining("v2.metadata.json")
                .hasMessageContaining("another writer is still writing it");

        Thread writer = new Thread(() -> {
            try {
                Thread.sleep(300);
                Files.writeString(half, whole);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        assertThat(table().operations().current().metadataFileLocation()).endsWith("v2.metadata.json");
        writer.join();
    }

    private static TableMetadata withProperty(TableMetadata metadata) {
        return TableMetadata.buildFrom(metadata)
                .setProperties(Map.of("owner", "ops"))
                .build();
    }

    /** Acknowledges every file, and has none of them. */
    private record ForgetfulStore(MetadataStore real) implements MetadataStore {
        @Override
        public boolean holdsVersions() {
            return real.holdsVersions();
        }

        @Override
        public List<MetadataVersion> versions() {
            return real.versions();
        }

        @Override
        public byte[] read(String fileName) {
            return real.read(fileName);
        }

        @Override
        public void create(String fileName, byte[] content) {}

        @Override
        public void writeHint(long version) throws IOException {
            real.writeHint(version);
        }
    }

    @Test
    void half_written_temporary_files_are_nobodys_metadata() throws IOException {
        make(Map.of());
        Files.writeString(directory.resolve("metadata/.sink-dead.tmp"), "{\"format-ver");
        Files.writeString(directory.resolve("metadata/v9.metadata.json.tmp"), "{\"format-ver");

        BaseTable table = table();
        table.updateProperties().set("owner", "ops").commit();

        assertThat(files()).contains("v2.metadata.json");
        assertThat(table().properties()).containsEntry("owner", "ops");
    }

    @Test
    void a_codec_in_the_properties_names_the_file_and_both_forms_are_read() throws IOException {
        make(Map.of());

        table().updateProperties()
                .set("write.metadata.compression-codec", "gzip")
                .commit();
        Files.move(
                directory.resolve("metadata/v2.gz.metadata.json"), directory.resolve("metadata/v2.metadata.json.gz"));
        table().updateProperties()
                .set("write.metadata.compression-codec", "none")
                .commit();

        assertThat(files()).contains("v1.metadata.json", "v2.metadata.json.gz", "v3.metadata.json");
        assertThat(table().operations().current().previousFiles())
                .extracting(TableMetadata.MetadataLogEntry::file)
                .containsExactly(directory + "/metadata/v1.metadata.json", directory + "/metadata/v2.metadata.json.gz");
    }

    @Test
    void the_next_version_in_another_form_is_a_conflict() throws IOException {
        make(Map.of());
        PathTableOperations operations = operations(new LocalMetadataStore(directory.resolve("metadata")));
        TableMetadata base = operations.current();
        Samples.writeVersion(directory, "v2.gz.metadata.json", base);

        assertThatThrownBy(() -> operations.commit(base, changed(base))).isInstanceOf(CommitFailedException.class);

        assertThat(files()).doesNotContain("v2.metadata.json");
    }

    @Test
    void two_files_for_the_current_version_are_refused() {
        make(Map.of());
        Samples.writeVersion(
                directory, "v1.gz.metadata.json", table().operations().current());

        assertThatThrownBy(this::table).isInstanceOf(ValidationException.class).hasMessageContaining("version 1");
    }

    @Test
    void a_version_that_others_passed_and_deleted_is_not_taken_for_free() throws IOException {
        make(Map.of());
        PathTableOperations sleeper = operations(new LocalMetadataStore(directory.resolve("metadata")));
        TableMetadata base = sleeper.current();
        commitTimes(3);
        Files.delete(directory.resolve("metadata/v2.metadata.json"));

        assertThatThrownBy(() -> sleeper.commit(base, changed(base))).isInstanceOf(CommitFailedException.class);

        assertThat(files()).doesNotContain("v2.metadata.json");
    }

    @Test
    void a_version_passed_and_deleted_between_the_look_and_the_link_is_unknown() {
        make(Map.of());
        PathTableOperations sleeper =
                operations(new LocalMetadataStore(directory.resolve("metadata"), (name, whole) -> {
                    commitTimes(3);
                    Files.delete(name);
                    Files.createLink(name, whole);
                }));
        TableMetadata base = sleeper.current();

        assertThatThrownBy(() -> sleeper.commit(base, changed(base))).isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void the_same_version_that_comes_in_another_form_while_it_is_created_is_unknown() {
        make(Map.of());
        PathTableOperations sleeper =
                operations(new LocalMetadataStore(directory.resolve("metadata"), (name, whole) -> {
                    Samples.writeVersion(
                            directory,
                            "v2.gz.metadata.json",
                            table().operations().current());
                    Files.createLink(name, whole);
                }));
        TableMetadata base = sleeper.current();

        assertThatThrownBy(() -> sleeper.commit(base, changed(base)))
                .isInstanceOf(CommitStateUnknownException.class)
                .hasMessageContaining("other versions do not build on it");
    }

    @Test
    void every_version_that_is_read_must_be_of_where_the_table_was_found() {
        make(Map.of());
        List<String> asked = new ArrayList<>();
        PathTableOperations operations = new PathTableOperations(
                "events", new LocalMetadataStore(directory.resolve("metadata")), new LocalFileIO(), asked::add);
        operations.refresh();
        Samples.writeVersion(directory, "v2.metadata.json", operations.current().updateLocation("/elsewhere"));

        assertThatThrownBy(operations::refresh)
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("moved from " + directory + " to /elsewhere");
        assertThat(asked).containsExactly(directory.toString(), "/elsewhere");
    }

    @Test
    void a_commit_that_others_built_on_at_once_has_landed() {
        make(Map.of());
        PathTableOperations operations =
                operations(new LocalMetadataStore(directory.resolve("metadata"), (name, whole) -> {
                    Files.createLink(name, whole);
                    commitTimes(2);
                }));
        TableMetadata base = operations.current();

        operations.commit(base, changed(base));

        assertThat(operations.current().properties())
                .containsEntry("owner", "ops")
                .containsEntry("times", "1");
        assertThat(files()).contains("v4.metadata.json");
    }

    @Test
    void a_hint_that_cannot_be_written_fails_no_commit() throws IOException {
        make(Map.of());
        Files.createDirectories(directory.resolve("metadata/version-hint.text/in-the-way"));

        table().updateProperties().set("owner", "ops").commit();

        assertThat(table().properties()).containsEntry("owner", "ops");
        assertThat(files()).noneMatch(name -> name.endsWith(".tmp"));
    }

    @Test
    void a_stale_base_fails_and_an_unchanged_one_commits_nothing() {
        make(Map.of());
        PathTableOperations operations = operations(new LocalMetadataStore(directory.resolve("metadata")));
        TableMetadata base = operations.current();

        operations.commit(base, base);
        assertThat(files()).containsExactly("v1.metadata.json");
        operations.commit(base, changed(base));

        assertThatThrownBy(() -> operations.commit(base, changed(base))).isInstanceOf(CommitFailedException.class);
        assertThat(operations.current()).isNotSameAs(base);
        assertThatThrownBy(() -> operations.commit(base, changed(base))).isInstanceOf(CommitFailedException.class);
    }

    @Test
    void a_table_cannot_move_nor_its_metadata() {
        make(Map.of());
        PathTableOperations operations = operations(new LocalMetadataStore(directory.resolve("metadata")));
        TableMetadata base = operations.current();

        assertThatThrownBy(() -> operations.commit(base, base.updateLocation("/elsewhere")))
                .isInstanceOf(NothingCommittedException.class);
        assertThatThrownBy(() ->
                        operations.commit(base, base.replaceProperties(Map.of("write.metadata.path", "/elsewhere"))))
                .isInstanceOf(NothingCommittedException.class);
        assertThat(files()).containsExactly("v1.metadata.json");
    }

    @Test
    void old_metadata_goes_only_where_the_table_asks_for_it() {
        make(Map.of("write.metadata.previous-versions-max", "2"));
        commitTimes(4);
        assertThat(files()).contains("v1.metadata.json", "v2.metadata.json");

        table().updateProperties()
                .set("write.metadata.delete-after-commit.enabled", "true")
                .commit();
        commitTimes(1);

        assertThat(files()).contains("v1.metadata.json", "v2.metadata.json", "v5.metadata.json", "v7.metadata.json");
        assertThat(files()).doesNotContain("v3.metadata.json", "v4.metadata.json");
    }

    @Test
    void old_metadata_of_another_directory_stays_even_if_it_is_inside_the_table() throws IOException {
        Path copied = directory.resolve("before/metadata/v1.metadata.json");
        Samples.writeTable(directory.resolve("before"), directory.toString(), Map.of());
        make(Map.of("write.metadata.previous-versions-max", "1", "write.metadata.delete-after-commit.enabled", "true"));
        Path first = directory.resolve("metadata/v1.metadata.json");
        Files.writeString(
                first,
                Files.readString(first)
                        .replaceFirst(
                                "\"metadata-log\" ?: ?\\[",
                                "\"metadata-log\":[{\"timestamp-ms\":1,\"metadata-file\":\"" + copied + "\"}"));

        commitTimes(3);

        assertThat(table().operations().current().previousFiles())
                .extracting(TableMetadata.MetadataLogEntry::file)
                .doesNotContain(copied.toString());
        assertThat(files()).doesNotContain("v1.metadata.json");
        assertThat(copied).exists();
    }

    @Test
    void a_table_that_was_dropped_or_replaced_is_no_longer_this_one() throws IOException {
        make(Map.of());
        BaseTable table = table();
        Files.delete(directory.resolve("metadata/v1.metadata.json"));
        assertThatThrownBy(table::refresh).isInstanceOf(NoSuchTableException.class);

        make(Map.of());
        commitTimes(1);

        assertThatThrownBy(table::refresh)
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("UUID");
    }

    @Test
    void a_transaction_commits_once() {
        make(Map.of());
        BaseTable table = table();

        var transaction = table.newTransaction();
        transaction.updateProperties().set("owner", "ops").commit();
        transaction.newFastAppend().appendFile(Samples.dataFile(table)).commit();
        transaction.commitTransaction();

        assertThat(files()).contains("v2.metadata.json").doesNotContain("v3.metadata.json");
        assertThat(table().currentSnapshot().snapshotId()).isLessThan(1L << 53);
    }

    private void make(Map<String, String> properties) {
        Samples.writeTable(directory, directory.toString(), properties);
    }

    private BaseTable table() {
        return new BaseTable(operations(new LocalMetadataStore(directory.resolve("metadata"))), "events");
    }

    private static PathTableOperations operations(MetadataStore store) {
        PathTableOperations operations = new PathTableOperations("events", store, new LocalFileIO(), location -> {});
        operations.refresh();
        return operations;
    }

    private void commitTimes(int times) {
        for (int i = 0; i < times; i++) {
            table().updateProperties().set("times", Integer.toString(i)).commit();
        }
    }

    private static TableMetadata changed(TableMetadata base) {
        return base.replaceProperties(Map.of("owner", "ops"));
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private List<String> files() {
        return Trees.contents(directory.resolve("metadata")).keySet().stream()
                .filter(name -> !name.isEmpty())
                .filter(name -> !name.endsWith(".avro") && !name.equals("version-hint.text"))
                .sorted()
                .toList();
    }
}
