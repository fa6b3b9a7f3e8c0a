package io.sink.table;

import io.sink.text.Human;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/** Describes how far two clocks differ, in minutes, and what to do. */
public final class ClockSkew {
    /** The difference that Iceberg tolerates. */
    private static final Duration TOLERATED = Duration.ofMinutes(1);

    private ClockSkew() {}

    /**
     * Why a commit to the table would be refused now. Iceberg refuses a commit that is dated before the newest change,
     * but only after all the work, and reports it as a bug of its own.
     *
     * @param now the clock of this host, by which the commit would be dated
     * @return a sentence, or null if the commit would not be refused for its date
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
                : ("the newest change of the table is dated %s after the clock of this host (%s, and here it is"
                                        + " %s), and Iceberg")
                                .formatted(minutes(ahead), seconds(changed), seconds(now))
                        + " refuses a commit that is dated before it: set the clock of this host right, or that of the"
                        + " writer, as by NTP; nothing was changed";
    }

    /** A sentence on how far the clock of this host differs from that of a server. */
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
