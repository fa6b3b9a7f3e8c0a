package io.sink.run;

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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
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

    private record Held(FileChannel channel, FileLock lock) {}

    private final List<Held> held = new ArrayList<>();

    private HostLock() {}

    /**
     * Takes the locks of every catalog, or none.
     *
     * @param directory where the lock files live; made if it is missing
     * @param catalogs what tells a catalog from every other (its kind and where it is), by the name to say in an error
     * @param runId written into the files for a person to read
     * @throws HeldException if another run has one of them, naming the run
     */
    public static HostLock take(Path directory, SortedMap<String, String> catalogs, String runId) {
        HostLock locks = new HostLock();
        try {
            Files.createDirectories(directory);
            Set<String> taken = new HashSet<>();
            for (var catalog : catalogs.entrySet()) {
                if (!taken.add(catalog.getValue())) {
                    // the same place under a second name, with other credentials for example
                    continue;
                }
                Path file = directory.resolve(digest(catalog.getValue()) + ".lock");
                locks.add(file, catalog.getKey(), runId);
            }
            return locks;
        } catch (IOException e) {
            locks.close();
            throw new UncheckedIOException(
                    "cannot lock in " + directory + "; set XDG_STATE_HOME to a directory that can be written", e);
        } catch (RuntimeException e) {
            locks.close();
            throw e;
        }
    }

    private void add(Path file, String catalog, String runId) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            String holder = Files.readString(file).strip();
            channel.close();
            throw new HeldException("catalog " + catalog + " is being maintained by another run on this host"
                    + (holder.isEmpty() ? "" : " (" + holder + ")") + "; wait for it to end");
        }
        held.add(new Held(channel, lock));
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(
                ("run " + runId + ", pid " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
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
        for (Held one : held) {
            try {
                one.lock().release();
                one.channel().close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot release a lock", e);
            }
        }
        held.clear();
    }
}
