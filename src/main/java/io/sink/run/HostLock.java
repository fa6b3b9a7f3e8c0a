package io.sink.run;

import io.sink.outcome.Shard;
import io.sink.table.Failures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps two runs on one host from working on the same catalog at once.
 *
 * <p>A file for each catalog below the state directory, locked by the operating system: a run that is killed leaves no
 * lock behind.
 */
public final class HostLock implements AutoCloseable {

    /** Another run has the lock. */
    public static final class HeldException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        HeldException(String message) {
            super(message);
        }
    }

    /** No lock file can be written in the directory for locks. */
    public static final class NoStateException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoStateException(String message, IOException cause) {
            super(message, cause);
        }
    }

    /** @param ours whether the file says which run has the lock */
    private record Held(FileChannel channel, FileLock lock, boolean ours) {}

    /** How many bytes of a lock file are read; its line has about two hundred. */
    private static final int MOST_LINE = 4096;

    private static final String BEGAN = ", since ";
    private static final String ENDED = ", ended";

    private final List<Held> held = new ArrayList<>();
    private final List<String> died = new ArrayList<>();
    private final Path results;
    private final SortedMap<String, Path> unfinished;
    private String line = "";

    private HostLock(Path results, SortedMap<String, Path> unfinished) {
        this.results = results;
        this.unfinished = unfinished;
    }

    /**
     * Takes the locks of every catalog, or none.
     *
     * @param directory where the lock files live; made if it is missing
     * @param catalogs the identity of each catalog (its kind and where it is), by the name that an error gives
     * @param shard the part of their tables that the run works on: runs on other parts may be at work too, and runs on
     *     all of them may not
     * @param runId written into the files for a person to read, with where the run's results are until it ends
     * @throws HeldException if another run has one of them, naming the run
     * @throws NoStateException if the directory or a lock file cannot be written
     */
    public static HostLock take(Path directory, SortedMap<String, String> catalogs, Shard shard, String runId) {
        HostLock locks = new HostLock(
                directory
                        .toAbsolutePath()
                        .resolveSibling("runs")
                        .resolve(runId + "-" + ProcessHandle.current().pid() + ".ndjson"),
                unfinished(directory, catalogs, shard));
        try {
            Files.createDirectories(directory);
            Set<String> taken = new HashSet<>();
            for (var catalog : catalogs.entrySet()) {
                if (!taken.add(catalog.getValue())) {
                    // the same place under a second name, with other credentials for example
                    continue;
                }
                Path file = directory.resolve(digest(catalog.getValue()) + ".lock");
                if (shard.isPart()) {
                    locks.share(file, catalog.getKey());
                    file = directory.resolve(name(catalog.getValue(), shard) + ".lock");
                }
                locks.add(file, catalog.getKey() + (shard.isPart() ? ", shard " + shard + "," : ""), runId);
            }
            return locks;
        } catch (IOException e) {
            locks.close();
            throw new NoStateException(
                    "cannot write locks in " + directory + " (" + Failures.message(e)
                            + "); name a directory that can be written with --state-dir",
                    e);
        } catch (RuntimeException e) {
            locks.close();
            throw e;
        }
    }

    /** Keeps a run on all tables of the catalog away, and is kept away by one. */
    private void share(Path file, String catalog) throws IOException {
        FileChannel channel = open(file);
        held.add(new Held(channel, lock(channel, true, catalog), false));
        String before = read(channel);
        if (hasDied(before)) {
            died.add(death(catalog, before));
            // Whoever comes next must not take it for the run that has the lock.
            write(channel, before + ENDED);
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static FileLock lock(FileChannel channel, boolean shared, String catalog) throws IOException {
        FileLock lock = tryLock(channel, shared);
        if (lock == null) {
            String holder = read(channel);
            channel.close();
            throw new HeldException("catalog " + catalog + " is being maintained by another run on this host"
                    // Runs on parts of its tables do not write into this file.
                    + (holder.isEmpty() || holder.endsWith(ENDED) ? "" : " (" + holder + ")")
                    + "; wait for it to end");
        }
        return lock;
    }

    private void add(Path file, String catalog, String runId) throws IOException {
        FileChannel channel = open(file);
        held.add(new Held(channel, lock(channel, false, catalog), true));
        String before = read(channel);
        if (hasDied(before)) {
            died.add(death(catalog, before));
        }
        line = "run " + runId + ", pid " + ProcessHandle.current().pid() + BEGAN
                + Instant.now().truncatedTo(ChronoUnit.SECONDS) + ", its results so far in " + results;
        write(channel, line);
    }

    /** A run that ended wrote so, and one of an earlier version did not say when it began. */
    private static boolean hasDied(String before) {
        return before.contains(BEGAN) && !before.endsWith(ENDED);
    }

    private static String death(String catalog, String before) {
        return "the previous run on catalog " + catalog + " did not end (" + before
                + "); what it staged is settled by this one or, if it was on another host, once its lease is over";
    }

    /**
     * Reads by the channel that has the lock: POSIX drops a process's locks on a file when it closes any channel of
     * that file.
     */
    private static String read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MOST_LINE);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // until all of it is there
        }
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
    }

    private static void write(FileChannel channel, String line) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)), 0);
    }

    /** Where, as the lock files say, the results of this run are as long as it goes on. */
    public Path results() {
        return results;
    }

    /** The files for {@link UnfinishedTables}, by catalog. */
    public SortedMap<String, Path> unfinished() {
        return unfinished;
    }

    /** The same files as of {@link #unfinished()}, for who takes no lock. */
    public static SortedMap<String, Path> unfinished(Path directory, SortedMap<String, String> catalogs, Shard shard) {
        SortedMap<String, Path> files = new TreeMap<>();
        catalogs.forEach((name, identity) -> files.put(name, directory.resolve(name(identity, shard) + ".unfinished")));
        return files;
    }

    /** How the names of the files of a catalog, or of a part of its tables, begin. */
    private static String name(String identity, Shard shard) {
        return digest(identity) + (shard.isPart() ? "-" + shard.number() + "-of-" + shard.count() : "");
    }

    /** What the locks say of runs that died: each a sentence with the run and when it began. */
    public List<String> died() {
        return List.copyOf(died);
    }

    private static @Nullable FileLock tryLock(FileChannel channel, boolean shared) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException heldInThisProcess) {
            return null;
        }
    }

    private static String digest(String identity) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        @Nullable UncheckedIOException failure = null;
        for (Held one : held) {
            // A channel that is closed has no lock any more, whatever could not be written to it.
            try (FileChannel channel = one.channel()) {
                if (one.ours()) {
                    write(channel, line + ENDED);
                }
                one.lock().release();
            } catch (IOException e) {
                UncheckedIOException next = new UncheckedIOException("cannot release a lock of this host", e);
                if (failure == null) {
                    failure = next;
                } else {
                    failure.addSuppressed(next);
                }
            }
        }
        held.clear();
        if (failure != null) {
            throw failure;
        }
    }
}
