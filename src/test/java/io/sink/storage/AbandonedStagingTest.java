package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbandonedStagingTest {
    private static final Owner ELSEWHERE = new Owner("another-host", 1, 1);

    @TempDir
    Path warehouse;

    private TableOperations ops;

    @BeforeEach
    void make_a_table() {
        ops = PathTable.create(warehouse, "t", 2, Map.of()).load().operations();
    }

    @Test
    void a_run_whose_clock_is_years_behind_is_not_given_up_while_it_writes() {
        new StagedFiles(ops, "run", ELSEWHERE, InstantSource.fixed(Instant.EPOCH))
                .announce(ops.metadataFileLocation("x.avro"));

        assertThat(found(ops, Instant.now(), true)).isEmpty();
        assertThat(found(ops, Instant.now().plus(Duration.ofHours(25)), true)).hasSize(1);
    }

    @Test
    void runs_whose_ids_begin_alike_are_two_runs() {
        StagedFiles first = new StagedFiles(ops, "a", ELSEWHERE, InstantSource.system());
        StagedFiles second = new StagedFiles(ops, "a-1", Owner.current(), InstantSource.system());
        first.announce(ops.metadataFileLocation("1.avro"));
        second.announce(ops.metadataFileLocation("2.avro"));

        assertThat(found(ops, Instant.now().plus(Duration.ofHours(25)), true))
                .extracting(AbandonedStaging::files)
                .hasSize(2)
                .allMatch(files -> files.size() == 1);
    }

    @Test
    void two_processes_with_one_run_id_keep_an_entry_each() {
        StagedFiles first = new StagedFiles(ops, "same", ELSEWHERE, InstantSource.system());
        StagedFiles second = new StagedFiles(ops, "same", ELSEWHERE, InstantSource.system());
        first.announce(ops.metadataFileLocation("1.avro"));
        second.announce(ops.metadataFileLocation("2.avro"));

        assertThat(found(ops, Instant.now().plus(Duration.ofHours(25)), true))
                .flatExtracting(AbandonedStaging::files)
                .hasSize(2);
    }

    /** The process is gone for certain, and what it sent to a server may be carried out all the same. */
    @Test
    void a_dead_run_whose_commit_was_sent_keeps_its_files_until_the_lease_is_over() {
        StagedFiles staged = new StagedFiles(ops, "sent", dead(), InstantSource.system());
        staged.announce(ops.metadataFileLocation("1.avro"));
        staged.commitIsNext();

        assertThat(found(ops, Instant.now(), false)).isEmpty();
        assertThat(found(ops, Instant.now(), true)).hasSize(1);
        assertThat(found(ops, Instant.now().plus(Duration.ofHours(25)), false)).hasSize(1);
    }

    /** A metadata file is announced in the middle of the commit: no word is needed that it may be sent. */
    @Test
    void a_dead_run_that_began_a_metadata_file_keeps_its_files_until_the_lease_is_over() {
        StagedFiles staged = new StagedFiles(ops, "sent", dead(), InstantSource.system());
        staged.announceMetadata(ops.metadataFileLocation("1.metadata.json"));

        assertThat(found(ops, Instant.now(), false)).isEmpty();
        assertThat(found(ops, Instant.now(), true)).hasSize(1);
    }

    @Test
    void a_dead_run_that_sent_nothing_is_given_up_at_once_and_a_living_one_is_not() {
        new StagedFiles(ops, "dead", dead(), InstantSource.system()).announce(ops.metadataFileLocation("1.avro"));
        new StagedFiles(ops, "living", Owner.current(), InstantSource.system())
                .announce(ops.metadataFileLocation("2.avro"));
        new StagedFiles(ops, "elsewhere", ELSEWHERE, InstantSource.system())
                .announce(ops.metadataFileLocation("3.avro"));

        assertThat(found(ops, Instant.now(), false))
                .extracting(AbandonedStaging::files)
                .containsExactly(List.of(ops.metadataFileLocation("1.avro")));
    }

    @Test
    void a_run_elsewhere_is_not_given_up_while_its_newest_entry_is_young() throws IOException {
        AtomicReference<Instant> clock = new AtomicReference<>(Instant.now().minus(Duration.ofHours(26)));
        StagedFiles staged = new StagedFiles(ops, "long", ELSEWHERE, clock::get);
        staged.announce(ops.metadataFileLocation("1.avro"));
        for (Path entry : entries()) {
            Files.setLastModifiedTime(entry, FileTime.from(clock.get()));
        }
        assertThat(found(ops, Instant.now(), true)).hasSize(1);
        clock.updateAndGet(begun -> begun.plus(StagedFiles.PROMISE).minusSeconds(60));
        staged.announce(ops.metadataFileLocation("2.avro"));

        assertThat(found(ops, Instant.now(), true)).isEmpty();
    }

    @Test
    void a_run_of_which_one_entry_has_an_owner_that_nobody_can_tell_is_not_given_up() throws IOException {
        StagedFiles staged = new StagedFiles(ops, "mixed", dead(), InstantSource.system());
        staged.announce(ops.metadataFileLocation("1.avro"));
        staged.announce(ops.metadataFileLocation("2.avro"));
        Path one = entries().get(0);
        Files.move(one, Path.of(one.toString().replace(dead().token(), ELSEWHERE.token())));

        assertThat(found(ops, Instant.now(), true)).isEmpty();
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of(ops.metadataFileLocation("x")).getParent())) {
            return files.filter(file -> file.toString().contains("sink-staged"))
                    .sorted()
                    .toList();
        }
    }

    /** A process that had this one's number and began before it. */
    private static Owner dead() {
        Owner living = Owner.current();
        return new Owner(living.place(), living.pid(), living.startedAt() - 1);
    }

    /** A process's start in wall-clock time changes when the clock is set; two runs would not agree on it. */
    @Test
    void this_process_is_known_by_a_start_that_no_clock_moves() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        long ticks = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);

        assertThat(Owner.current().startedAt()).isEqualTo(ticks);
        assertThat(Owner.current().isGone()).isFalse();
        assertThat(new Owner(Owner.current().place(), Owner.current().pid(), ticks - 1).isGone())
                .isTrue();
    }

    private static List<AbandonedStaging> found(TableOperations ops, Instant now, boolean commitsDieWithProcess) {
        return AbandonedStaging.find(ops, now, commitsDieWithProcess, EarlierTables.none(ops))
                .stagings();
    }
}
