package io.sink.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The process of a run, told apart from every other process on any host.
 *
 * @param place identifies the running kernel and the PID namespace; {@code nowhere} if the system does not tell, so
 *     that a later run cannot see whether the process lives
 * @param pid its process id in that namespace
 * @param startedAt when it started, in clock ticks since boot, to detect that the process id was reused; 0 if unknown.
 *     A time of day would change when the clock is set
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

    /** The owner as the names of journals and their entries give it: {@code place.pid.start}. */
    String token() {
        return place + "." + pid + "." + startedAt;
    }

    /** The owner that such a text gives, or empty if it has another form. */
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

    /** Whether the process is certainly gone: it ran in this PID namespace, and does not run there any more. */
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

    /** The fields of {@code /proc/<pid>/stat} from the state on. The process name before them can contain anything. */
    private static String[] stat(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    /** Not the host name: two machines can have the same name, and two containers can run on the same machine. */
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
