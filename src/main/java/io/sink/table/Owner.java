package io.sink.table;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The process that a run is, told apart from every other on any host.
 *
 * @param place the running kernel and its process space; {@code nowhere} where the system does not tell, so that nobody
 *     can say later whether the process lives
 * @param pid its number in that space
 * @param startedAt when it began, in milliseconds since the epoch, against reuse of the number; 0 if unknown
 */
public record Owner(String place, long pid, long startedAt) {
    private static final String NOWHERE = "nowhere";

    /** This process. */
    public static Owner current() {
        ProcessHandle self = ProcessHandle.current();
        return new Owner(here(), self.pid(), start(self));
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
        if (place.equals(NOWHERE) || !place.equals(here())) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        return process.isEmpty() || start(process.get()) != startedAt;
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
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
