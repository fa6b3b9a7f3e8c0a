package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.Shard;
import io.sink.run.HostLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void the_usual_place_comes_first_and_then_those_of_services() {
        List<Path> places = StateDirectory.places(
                Map.of("XDG_STATE_HOME", "/home/state", "STATE_DIRECTORY", "/srv/state:/srv/other"));

        assertThat(places.subList(0, 3))
                .containsExactly(Path.of("/home/state/sink"), Path.of("/srv/state"), Path.of("/var/lib/sink"));
    }

    @Test
    void takes_the_next_place_where_the_usual_cannot_be_written() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no directory");
        Path service = folder.resolve("service");
        Map<String, String> env = Map.of("XDG_STATE_HOME", file.toString(), "STATE_DIRECTORY", service.toString());

        try (HostLock lock =
                StateDirectory.take(null, env, new TreeMap<>(Map.of("lake", "uri")), Shard.WHOLE, "run-1")) {
            assertThat(lock.died()).isEmpty();
            assertThat(service.resolve("locks")).isNotEmptyDirectory();
            // Two runs meet in the same place.
            assertThatThrownBy(() ->
                            StateDirectory.take(null, env, new TreeMap<>(Map.of("lake", "uri")), Shard.WHOLE, "run-2"))
                    .isInstanceOf(HostLock.HeldException.class);
        }
    }

    @Test
    void the_place_that_was_named_is_the_only_one() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no directory");

        assertThatThrownBy(() ->
                        StateDirectory.take(file, Map.of(), new TreeMap<>(Map.of("lake", "uri")), Shard.WHOLE, "run-1"))
                .isInstanceOf(HostLock.NoStateException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("--state-dir");
    }

    @Test
    void fail_on_takes_outcomes_for_all_of_their_reasons() {
        EndOptions end = new EndOptions();
        end.failOn = List.of("deferred", "no-table");

        assertThat(end.failing())
                .contains(Reason.NO_TABLE)
                .containsAll(Arrays.stream(Reason.values())
                        .filter(reason -> reason.outcome() == Outcome.DEFERRED)
                        .toList())
                .doesNotContain(Reason.EXPIRED);
    }
}
