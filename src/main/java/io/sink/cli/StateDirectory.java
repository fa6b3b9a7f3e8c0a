package io.sink.cli;

import io.sink.outcome.Shard;
import io.sink.run.HostLock;
import io.sink.run.UnfinishedTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the locks of this host are. The usual place comes first, so that runs by hand and by a timer share their locks
 * where they can.
 *
 * @ref LLP 0005#state
 */
final class StateDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);

    private static final String LOCKS = "locks";

    private StateDirectory() {}

    /**
     * Takes the locks in the first place that can be written.
     *
     * @param given the one place that the operator named, or null
     * @throws HostLock.NoStateException if no place can be written
     * @throws HostLock.HeldException if another run holds one of the locks
     */
    static HostLock take(
            @Nullable Path given,
            Map<String, String> env,
            SortedMap<String, String> catalogs,
            Shard shard,
            String runId) {
        HostLock.NoStateException failure = null;
        for (Path place : given == null ? places(env) : List.of(given)) {
            try {
                return HostLock.take(place.resolve(LOCKS), catalogs, shard, runId);
            } catch (HostLock.NoStateException e) {
                LOG.info("{}", e.getMessage());
                failure = failure == null ? e : failure;
            }
        }
        throw failure == null ? new IllegalStateException("no place for locks") : failure;
    }

    /**
     * Of which tables earlier runs are known to have died, for a run that takes no locks and writes nothing.
     *
     * @param given as of {@link #take}
     */
    static UnfinishedTables unfinished(
            @Nullable Path given,
            Map<String, String> env,
            SortedMap<String, String> catalogs,
            Shard shard,
            String command) {
        return (given == null ? places(env) : List.of(given))
                .stream()
                        .map(place -> place.resolve(LOCKS))
                        .filter(Files::isDirectory)
                        .findFirst()
                        .map(locks -> UnfinishedTables.asTheyAre(
                                HostLock.unfinished(locks, catalogs, shard), command, InstantSource.system()))
                        .orElse(UnfinishedTables.NONE);
    }

    static List<Path> places(Map<String, String> env) {
        List<Path> places = new ArrayList<>();
        String home = env.getOrDefault("XDG_STATE_HOME", System.getProperty("user.home") + "/.local/state");
        places.add(Path.of(home, "sink"));
        // systemd separates several directories with colons; the first is used
        String service = env.getOrDefault("STATE_DIRECTORY", "").split(":", 2)[0];
        if (!service.isEmpty()) {
            places.add(Path.of(service));
        }
        places.add(Path.of("/var/lib/sink"));
        Path shared = Path.of(System.getProperty("java.io.tmpdir"), "sink-" + System.getProperty("user.name"));
        if (isOwn(shared)) {
            places.add(shared);
        }
        return places;
    }

    /** Whether this user owns the directory: where everybody can write, another user may have made it. */
    private static boolean isOwn(Path directory) {
        try {
            Files.createDirectories(directory);
            return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS)
                            .getName()
                            .equals(System.getProperty("user.name"));
        } catch (IOException e) {
            return false;
        }
    }
}
