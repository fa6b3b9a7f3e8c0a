package io.sink.table;

import io.sink.text.Human;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/** Says by how much two clocks differ, in minutes, which and what to do. */
public final class ClockSkew {
    /** So much Iceberg lets pass. */
    private static final Duration TOLERATED = Duration.ofMinutes(1);

    private ClockSkew() {}

    /**
     * Why a commit to the table would be refused now: Iceberg takes none that is dated before the newest change, and
     * calls that a bug of its own, after all the work.
     *
     * @param now the clock of this host, by which the commit would be dated
     * @return a sentence, or null if it would not be refused for that
     */
    public static @Nullable String of(TableMetadata metadata, Instant now) {
        long newest = metadata.lastUpdatedMillis();
        List<HistoryEntry> log = metadata.snapshotLog();
        if (!log.isEmpty()) {
            newest = Math.max(newest, log.get(log.size() - 1).timestampMillis());
        }
        Instant changed = Instant.ofEpochMilli(newest);
        Duration ahead = Duration.between(now, changed);
        return ahead.compareTo(TOLERATED) <= 0
                ? null
                : "the newest change of the table is dated %s after the clock of this host (%s, and here it is %s), and Iceberg"
                                .formatted(minutes(ahead), seconds(changed), seconds(now))
                        + " refuses a commit that is dated before it: set the clock of this host right, or that of the"
                        + " writer, as by NTP; nothing was changed";
    }

    /** By how much the clock of this host differs from that of a server. */
    static String ofServer(String server, Instant there, Instant here) {
        Duration ahead = Duration.between(there, here);
        return "the clock of this host is %s %s that of %s (%s, and here it is %s): set it right, as by NTP"
                .formatted(
                        minutes(ahead.abs()),
                        ahead.isNegative() ? "behind" : "ahead of",
                        server,
                        seconds(there),
                        seconds(here));
    }

    private static String minutes(Duration skew) {
        return Human.count(Math.max(1, Math.round(skew.toSeconds() / 60.0)), "minute");
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }
}
