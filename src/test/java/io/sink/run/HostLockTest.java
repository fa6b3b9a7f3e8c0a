package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostLockTest {
    @TempDir
    Path folder;

    @Test
    void keeps_a_second_run_from_the_same_catalog_and_names_the_first() {
        try (HostLock first = take("run-1", Map.of("lake", "rest\nuri"))) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> take("run-2", Map.of("sea", "rest\nuri")))
                    .isInstanceOf(HostLock.HeldException.class)
                    .hasMessageContaining("catalog sea")
                    .hasMessageContaining(
                            "run run-1, pid " + ProcessHandle.current().pid())
                    .hasMessageEndingWith("wait for it to end");
        }
    }

    @Test
    void lets_runs_on_different_catalogs_be() {
        try (HostLock first = take("run-1", Map.of("lake", "rest\nuri"));
                HostLock second = take("run-2", Map.of("lake", "rest\nother"))) {
            assertThat(first).isNotSameAs(second);
        }
    }

    @Test
    void one_run_may_know_a_catalog_by_two_names() {
        try (HostLock both = take("run-1", Map.of("lake", "rest\nuri", "sea", "rest\nuri"))) {
            assertThat(both).isNotNull();
            assertThatThrownBy(() -> take("run-2", Map.of("sea", "rest\nuri")))
                    .isInstanceOf(HostLock.HeldException.class);
        }
    }

    @Test
    void is_free_again_once_it_is_closed() {
        take("run-1", Map.of("lake", "rest\nuri")).close();

        assertThatCode(() -> take("run-2", Map.of("lake", "rest\nuri")).close()).doesNotThrowAnyException();
    }

    @Test
    void takes_all_or_none() {
        try (HostLock first = take("run-1", Map.of("b", "two"))) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> take("run-2", Map.of("a", "one", "b", "two")))
                    .isInstanceOf(HostLock.HeldException.class);

            assertThatCode(() -> take("run-3", Map.of("a", "one")).close()).doesNotThrowAnyException();
        }
    }

    @Test
    void says_of_a_run_that_died_which_it_was_and_when_it_began() throws IOException {
        take("run-1", Map.of("lake", "rest\nuri")).close();
        try (HostLock after = take("run-2", Map.of("lake", "rest\nuri"))) {
            assertThat(after.died()).isEmpty();
        }
        try (var files = Files.list(folder.resolve("locks"))) {
            Files.writeString(files.findFirst().orElseThrow(), "run run-3, pid 7, since 2026-11-28T01:02:03Z\n");
        }

        try (HostLock after = take("run-4", Map.of("lake", "rest\nuri"))) {
            assertThat(after.died())
                    .singleElement()
                    .asString()
                    .contains("catalog lake did not end", "run run-3", "since 2026-11-28T01:02:03Z");
        }
        try (HostLock after = take("run-5", Map.of("lake", "rest\nuri"))) {
            assertThat(after.died()).isEmpty();
        }
    }

    @Test
    void is_not_held_by_a_file_that_a_killed_run_left() throws IOException {
        take("run-1", Map.of("lake", "rest\nuri")).close();
        try (var files = Files.list(folder.resolve("locks"))) {
            assertThat(files)
                    .singleElement()
                    .satisfies(file -> assertThat(file).content().contains("run-1"));
        }

        assertThatCode(() -> take("run-2", Map.of("lake", "rest\nuri")).close()).doesNotThrowAnyException();
    }

    @Test
    void says_what_to_do_where_it_cannot_be_written() throws IOException {
        Files.writeString(folder.resolve("locks"), "in the way");

        assertThatThrownBy(() -> take("run-1", Map.of("lake", "rest\nuri")))
                .isInstanceOf(HostLock.NoStateException.class)
                .hasMessageContaining("--state-dir");
    }

    @Test
    void lets_runs_on_other_shards_be_and_no_run_on_all_tables() throws IOException {
        try (Holder other = hold("1/4")) {
            assertThatCode(() -> take("run-2", new Shard(2, 4)).close()).doesNotThrowAnyException();
            assertThatThrownBy(() -> take("run-3", new Shard(1, 4)))
                    .isInstanceOf(HostLock.HeldException.class)
                    .hasMessageContaining("catalog lake, shard 1/4, is being maintained")
                    .hasMessageContaining("run other, pid " + other.process().pid());
            assertThatThrownBy(() -> take("run-4", Shard.WHOLE))
                    .isInstanceOf(HostLock.HeldException.class)
                    .hasMessage("catalog lake is being maintained by another run on this host; wait for it to end");
        }
        assertThatCode(() -> take("run-5", Shard.WHOLE).close()).doesNotThrowAnyException();
    }

    @Test
    void takes_no_dead_run_for_the_one_that_has_the_lock() throws IOException {
        take("run-1", Shard.WHOLE).close();
        try (var files = Files.list(folder.resolve("locks"))) {
            Files.writeString(files.findFirst().orElseThrow(), "run run-dead, pid 7, since 2026-11-28T01:02:03Z\n");
        }
        try (HostLock shard = take("run-2", new Shard(2, 4))) {
            assertThat(shard.died()).singleElement().asString().contains("run run-dead");
        }
        try (Holder other = hold("1/4")) {
            assertThat(other.process().isAlive()).isTrue();
            assertThatThrownBy(() -> take("run-3", Shard.WHOLE)).hasMessageNotContaining("run-dead");
        }
        try (HostLock whole = take("run-4", Shard.WHOLE)) {
            assertThat(whole.died()).isEmpty();
        }
    }

    @Test
    void keeps_a_run_on_a_shard_away_from_one_on_all_tables() throws IOException {
        try (Holder other = hold("1/1")) {
            assertThatThrownBy(() -> take("run-2", new Shard(2, 4)))
                    .isInstanceOf(HostLock.HeldException.class)
                    .hasMessageContaining("run other, pid " + other.process().pid());
        }
        assertThatCode(() -> take("run-3", new Shard(2, 4)).close()).doesNotThrowAnyException();
    }

    private HostLock take(String runId, Shard shard) {
        return HostLock.take(folder.resolve("locks"), new TreeMap<>(Map.of("lake", "rest\nuri")), shard, runId);
    }

    /** Another process that has the lock until this is closed: within one process no lock is shared. */
    private record Holder(Process process) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            process.onExit().join();
        }

        public static void main(String[] args) throws IOException {
            try (HostLock lock = HostLock.take(
                    Path.of(args[0]), new TreeMap<>(Map.of("lake", "rest\nuri")), Shard.of(args[1]), "other")) {
                System.out.println("held " + lock.died().size());
                int ended = System.in.read();
                System.out.println("ended " + ended);
            }
        }
    }

    private Holder hold(String shard) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.resolve("locks").toString(),
                        shard)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("held 0");
        return new Holder(process);
    }

    private HostLock take(String runId, Map<String, String> catalogs) {
        SortedMap<String, String> sorted = new TreeMap<>(catalogs);
        return HostLock.take(folder.resolve("locks"), sorted, Shard.WHOLE, runId);
    }
}
