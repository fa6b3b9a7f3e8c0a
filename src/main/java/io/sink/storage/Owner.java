package io.sink.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The process that a run is, told apart from every other on any host.
 *
 * @param place the running kernel and its process space; {@code nowhere} where the system does not tell, so that nobody
 *     can say later whether the process lives
 * @param pid its number in that space
 * @param startedAt when it began, in clock ticks since the system did, against reuse of the number; 0 if unknown. A
 *     time of day would change for every reader when the clock is set
 */
public record Owner(String place, long pid, long startedAt) {
    private static final String NOWHERE = "nowhere";
    private static final int STATE = 0;
    private static final int STARTED = 19;

    /** This process. */
    public static Owner current() {
        long pid = ProcessHandle.current().pid();
        return new Owner(here(), pid, start(pid));
    }

    /** The owner as it stands in the names of journal entries: {@code place.pid.start}. */
    String token() {
        return place + "." + pid + "." + startedAt;
    }

    /** The owner in such a name, or empty if there is none. */
    static Optional<Owner> parse(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            return parts.length == 3
                    ? Optional.of(new Owner(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether it is certain that the process is gone: it was here, and is not here any more. */
    public boolean isGone() {
        // Where /proc hides the processes of other users, not even the first one can be seen.
        if (place.equals(NOWHERE) || !place.equals(here()) || !Files.isReadable(Path.of("/proc/1/stat"))) {
            return false;
        }
        try {
            String[] stat = stat(pid);
            return stat[STATE].equals("Z") || Long.parseLong(stat[STARTED]) != startedAt;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static long start(long pid) {
        try {
            return Long.parseLong(stat(pid)[STARTED]);
        } catch (IOException | RuntimeException notLinux) {
            return 0;
        }
    }

    /** What the system says of a process, from its state on: before that stands its name, which can be anything. */
    private static String[] stat(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    /** A host name would not do: two machines may have one name, and two containers one machine. */
    private static String here() {
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            String space = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            return UUID.nameUUIDFromBytes((boot + space).getBytes(StandardCharsets.UTF_8))
                    .toString();
        } catch (IOException | UnsupportedOperationException notLinux) {
            return NOWHERE;
        }
    }
}
