package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sink.storage.ConfinedDeletion;
import io.sink.storage.DeleteResult;
import io.sink.storage.FoundFile;
import io.sink.storage.Journals;
import io.sink.storage.Locations;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.storage.Storage;
import io.sink.table.FileKind;
import io.sink.table.TableFile;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories of a table that are exchanged for links to somebody else's while files are deleted from them. */
class ExchangedDirectoriesTest {
    private static final HeldDirectories.Disk REAL = new HeldDirectories.Disk() {};

    @TempDir
    Path temporary;

    private Path table;
    private Path outside;

    @BeforeEach
    void make_a_table_and_a_strangers_directory_with_the_same_names() throws IOException {
        Path top = temporary.toRealPath();
        table = Files.createDirectories(top.resolve("t"));
        outside = Files.createDirectories(top.resolve("outside"));
    }

    /** Resolves a path; something happens right before or right after, at a given call. */
    private record Struck(int call, boolean after, Step step, AtomicInteger calls) implements HeldDirectories.Disk {
        @Override
        public Path realPath(Path path) throws IOException {
            boolean now = calls.incrementAndGet() == call;
            if (now && !after) {
                step.make();
            }
            Path real = path.toRealPath();
            if (now && after) {
                step.make();
            }
            return real;
        }
    }

    /** A file system that opens directories and gives no handle for what is in them. */
    private static class WithoutHandles implements HeldDirectories.Disk {
        @Override
        public DirectoryStream<Path> open(Path directory) throws IOException {
            DirectoryStream<Path> stream = REAL.open(directory);
            return new DirectoryStream<>() {
                @Override
                public Iterator<Path> iterator() {
                    return stream.iterator();
                }

                @Override
                public void close() throws IOException {
                    stream.close();
                }
            };
        }
    }

    private interface Step {
        void make() throws IOException;
    }

    private static LocalFileIO struck(int call, boolean after, Step step) {
        return new LocalFileIO(new Struck(call, after, step, new AtomicInteger()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_directory_exchanged_between_look_and_deletion_does_not_lead_out(boolean after) throws IOException {
        List<FoundFile> files = write(table.resolve("data"), "a", "b", "c");
        write(outside, "a", "b", "c");

        DeleteResult result = delete(struck(1, after, () -> exchange(table.resolve("data"), outside)), table, files);

        assertThat(names(outside)).containsExactly("a", "b", "c");
        assertThat(names(table.resolve("data.away"))).containsExactly("a", "b", "c");
        assertThat(result.deleted()).isEmpty();
        assertThat(result.left())
                .hasSize(3)
                .allSatisfy((file, why) ->
                        assertThat(why).containsAnyOf("a symbolic link on its path leads out", "was exchanged"));
    }

    @Test
    void what_is_not_seen_any_more_behind_an_exchanged_directory_does_not_count_as_deleted() throws IOException {
        List<FoundFile> files = write(table.resolve("data"), "a");

        DeleteResult result = delete(struck(1, true, () -> exchange(table.resolve("data"), outside)), table, files);

        assertThat(names(table.resolve("data.away"))).containsExactly("a");
        assertThat(result.deleted()).isEmpty();
        assertThat(result.left()).hasSize(1);
    }

    @Test
    void a_directory_that_was_moved_out_is_not_followed_by_its_handle() throws IOException {
        List<FoundFile> files = new ArrayList<>(write(table.resolve("data/one"), "a"));
        files.addAll(write(table.resolve("data/two"), "b"));

        DeleteResult result = delete(
                struck(2, true, () -> {
                    Files.move(table.resolve("data"), outside.resolve("data"));
                    write(table.resolve("data/two"), "b");
                }),
                table,
                files);

        assertThat(outside.resolve("data/two/b")).exists();
        assertThat(table.resolve("data/two/b")).doesNotExist();
        assertThat(result.deleted()).hasSize(2);
    }

    @Test
    void a_directory_exchanged_for_a_pipe_holds_nobody_up() throws IOException, InterruptedException {
        List<FoundFile> files = write(table.resolve("data"), "a");
        Path pipe = temporary.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        DeleteResult result = assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> delete(
                        struck(1, true, () -> {
                            Files.move(table.resolve("data"), table.resolve("data.away"));
                            Files.move(pipe, table.resolve("data"));
                        }),
                        table,
                        files));

        assertThat(names(table.resolve("data.away"))).containsExactly("a");
        assertThat(result.deleted()).isEmpty();
    }

    @Test
    void a_table_whose_root_is_exchanged_for_a_link_is_not_where_the_link_leads() throws IOException {
        List<FoundFile> files = write(table.resolve("data"), "a");
        write(outside.resolve("data"), "a");
        LocalFileIO io = new LocalFileIO();
        Locations.of(metadata(table), io);
        exchange(table, outside);

        DeleteResult result = Storage.delete(io, Locations.of(metadata(table), io), files);

        assertThat(outside.resolve("data/a")).exists();
        assertThat(result.left()).hasSize(1);
    }

    @Test
    void a_root_below_a_directory_that_may_not_be_listed_is_looked_at_after_it_was_opened() throws IOException {
        List<FoundFile> files = write(table.resolve("data"), "a");
        write(outside.resolve("data"), "a");
        AtomicBoolean exchanging = new AtomicBoolean();
        LocalFileIO io = new LocalFileIO(new HeldDirectories.Disk() {
            @Override
            public DirectoryStream<Path> open(Path directory) throws IOException {
                if (directory.equals(directory.getRoot())) {
                    throw new AccessDeniedException(directory.toString());
                }
                if (exchanging.get()) {
                    exchange(table, outside);
                }
                return REAL.open(directory);
            }
        });
        Locations.of(metadata(table), io);
        exchanging.set(true);
        assertThatThrownBy(() -> io.deleteFileWithin(table, files.get(0).file().path()))
                .isInstanceOf(ConfinedDeletion.RefusedException.class);
        assertThat(outside.resolve("data/a")).exists();

        exchanging.set(false);
        Files.delete(table);
        Files.move(table.resolveSibling("t.away"), table);
        DeleteResult result = delete(io, table, files);

        assertThat(result.deleted()).hasSize(1);
        assertThat(table.resolve("data/a")).doesNotExist();
    }

    @Test
    void somebody_who_exchanges_a_directory_all_the_time_loses_nothing_outside() throws Exception {
        String[] names =
                Stream.iterate(0, i -> i + 1).limit(2_000).map(i -> "f" + i).toArray(String[]::new);
        List<FoundFile> files = write(table.resolve("data"), names);
        write(outside, names);
        AtomicBoolean ended = new AtomicBoolean();
        Thread exchanging = new Thread(() -> {
            while (!ended.get()) {
                try {
                    exchange(table.resolve("data"), outside);
                    Files.delete(table.resolve("data"));
                    Files.move(table.resolve("data.away"), table.resolve("data"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        exchanging.start();
        try {
            for (int from = 0; from < files.size(); from += 100) {
                delete(new LocalFileIO(), table, files.subList(from, from + 100));
            }
        } finally {
            ended.set(true);
            exchanging.join();
        }

        assertThat(names(outside)).hasSize(2_000);
        // and left to itself, it goes
        assertThat(delete(new LocalFileIO(), table, files).left()).isEmpty();
        assertThat(names(table.resolve("data"))).isEmpty();
        assertThat(names(outside)).hasSize(2_000);
    }

    @Test
    void links_that_stay_in_the_table_and_links_above_it_are_followed() throws IOException {
        write(table.resolve("elsewhere/in"), "a");
        Files.createDirectories(table.resolve("data"));
        Files.createSymbolicLink(table.resolve("data/link"), table.resolve("elsewhere/in"));
        Path linked = Files.createSymbolicLink(outside.resolve("linked"), table.getParent());
        write(table.resolve("data"), "b");

        DeleteResult result = delete(
                new LocalFileIO(),
                linked.resolve("t"),
                List.of(found(linked.resolve("t/data/link/a")), found(linked.resolve("t/data/b"))));

        assertThat(result.left()).isEmpty();
        assertThat(result.deleted()).hasSize(2);
        assertThat(table.resolve("elsewhere/in/a")).doesNotExist();
        assertThat(table.resolve("data/b")).doesNotExist();
    }

    @Test
    void only_regular_files_are_deleted() throws IOException {
        write(outside, "target");
        Files.createDirectories(table.resolve("data/directory"));
        Path link = Files.createSymbolicLink(table.resolve("data/link"), outside.resolve("target"));

        for (LocalFileIO io : List.of(new LocalFileIO(), new LocalFileIO(new WithoutHandles()))) {
            assertThatThrownBy(() -> io.deleteFileWithin(table, link.toString()))
                    .hasMessageContaining("symbolic link");
            assertThatThrownBy(() -> io.deleteFileWithin(table, table + "/data/directory"))
                    .hasMessageContaining("it is a directory");
        }

        assertThat(link).isSymbolicLink();
        assertThat(table.resolve("data/directory")).isDirectory();
    }

    @Test
    void without_handles_the_look_stands_right_before_each_deletion() throws IOException {
        List<FoundFile> files = write(table.resolve("data"), "a", "b");
        write(outside, "a", "b");
        AtomicInteger calls = new AtomicInteger();
        LocalFileIO io = new LocalFileIO(new WithoutHandles() {
            @Override
            public Path realPath(Path path) throws IOException {
                if (calls.incrementAndGet() == 3) {
                    exchange(table.resolve("data"), outside);
                }
                return path.toRealPath();
            }
        });

        DeleteResult result = delete(io, table, files);

        assertThat(names(outside)).containsExactly("a", "b");
        assertThat(names(table.resolve("data.away"))).containsExactly("b");
        assertThat(result.left()).isNotEmpty();
    }

    @Test
    void a_journal_and_its_entries_are_not_removed_through_a_link() throws IOException {
        PathTable made = PathTable.create(temporary.toRealPath(), "journalled", 2, Map.of());
        made.append(1);
        TableOperations ops = made.load().operations();
        StagedFiles staged = new StagedFiles(ops, "run", Owner.current(), InstantSource.system());
        staged.announce(ops.locationProvider().newDataLocation("x.parquet"));
        Journals journals = new Journals(ops);
        Path journal = Files.writeString(Path.of(journals.location("run")), "cut off");
        Path metadata = made.location().resolve("metadata");
        for (String name : names(metadata)) {
            Files.copy(metadata.resolve(name), outside.resolve(name));
        }
        List<String> before = names(outside);
        exchange(metadata, outside);

        assertThat(staged.settled()).hasSize(1);
        assertThatThrownBy(() -> journals.remove(journal.toString())).hasMessageContaining("symbolic link");

        assertThat(names(outside)).isEqualTo(before);
    }

    @Test
    void a_commit_does_not_take_away_metadata_that_is_not_the_tables_own() throws IOException {
        Path warehouse = temporary.toRealPath();
        Path strangers = Files.writeString(outside.resolve("00000-x.metadata.json"), "{}");
        try (JdbcCatalog catalog = SqliteCatalog.make("lake", warehouse)) {
            catalog.createNamespace(Namespace.of("db"));
            TableIdentifier name = TableIdentifier.of("db", "logged");
            BaseTable made = (BaseTable) catalog.createTable(
                    name,
                    PathTable.SCHEMA,
                    PartitionSpec.unpartitioned(),
                    Map.of(
                            "write.metadata.delete-after-commit.enabled", "true",
                            "write.metadata.previous-versions-max", "1"));
            append(made, 1);
            append(made, 2);
            Path current = Path.of(made.operations().current().metadataFileLocation());
            Path own =
                    Path.of(made.operations().current().previousFiles().get(0).file());
            Files.writeString(
                    current,
                    Files.readString(current)
                            .replaceFirst(
                                    "\"metadata-log\" ?: ?\\[",
                                    "\"metadata-log\":[{\"timestamp-ms\":1,\"metadata-file\":\"" + strangers + "\"},"));

            var result = Expiry.keeping(1).execute(((BaseTable) catalog.loadTable(name)).operations());

            assertThat(strangers).as(result.toString()).exists();
            assertThat(own).doesNotExist();
        }
    }

    private static void append(BaseTable table, long id) throws IOException {
        GenericRecord row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        new TableChanges(table).append(List.of(row));
    }

    private static DeleteResult delete(LocalFileIO io, Path location, List<FoundFile> files) {
        return Storage.delete(io, Locations.of(metadata(location), io), files);
    }

    private static TableMetadata metadata(Path location) {
        return TableMetadata.newTableMetadata(
                PathTable.SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), location.toString(), Map.of());
    }

    private static List<FoundFile> write(Path directory, String... names) throws IOException {
        Files.createDirectories(directory);
        List<FoundFile> files = new ArrayList<>();
        for (String name : names) {
            files.add(found(Files.writeString(directory.resolve(name), "x")));
        }
        return files;
    }

    private static FoundFile found(Path file) {
        return new FoundFile(new TableFile(file.toString(), FileKind.DATA), 1);
    }

    private static void exchange(Path directory, Path target) throws IOException {
        Files.move(directory, directory.resolveSibling(directory.getFileName() + ".away"));
        Files.createSymbolicLink(directory, target);
    }

    private static List<String> names(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? List.of() : Arrays.stream(names).sorted().toList();
    }
}
