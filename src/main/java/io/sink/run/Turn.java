package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.storage.OtherTables.KnownTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table that waits for its turn.
 *
 * @param given the places outside its own that the operator gives to it
 * @param claim the larger, the sooner
 * @param table what is known of it; null if it was not loaded, or could not be
 * @ref LLP 0013#turns
 */
record Turn(
        TableSource source,
        TableRef ref,
        List<String> given,
        double claim,
        @Nullable KnownTable table) {
    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);
    private static final double DAY_SECONDS = 86_400;

    /** The largest claim first, and then by name, so that two runs agree. */
    static final Comparator<Turn> ORDER = Comparator.comparingDouble(Turn::claim)
            .reversed()
            .thenComparing(turn -> turn.ref().fullName());

    /** By the table's metadata alone; a table that cannot be loaded has no claim, and fails when its turn comes. */
    static Turn of(TableSource source, TableRef ref, List<String> given, Instant now) {
        try {
            BaseTable table = source.load(ref);
            return new Turn(
                    source,
                    ref,
                    given,
                    claimOf(table.operations().current(), now),
                    CatalogTables.known(ref, table, given));
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("{}: cannot be loaded for its turn", ref, e);
            return unseen(source, ref);
        }
    }

    /** A table that was listed and not looked at. */
    static Turn unseen(TableSource source, TableRef ref) {
        return new Turn(source, ref, List.of(), 0, null);
    }

    /** What is known of the table now; null if it cannot be loaded. */
    @Nullable
    KnownTable again() {
        return of(source, ref, given, Instant.EPOCH).table();
    }

    private static double claimOf(TableMetadata metadata, Instant now) {
        Snapshot current = metadata.currentSnapshot();
        if (current == null) {
            return 0;
        }
        long waitsSince = metadata.snapshots().stream()
                .filter(snapshot -> summary(snapshot, "sink.run-id") != null)
                .mapToLong(Snapshot::timestampMillis)
                .max()
                .orElseGet(() -> metadata.snapshots().stream()
                        .mapToLong(Snapshot::timestampMillis)
                        .min()
                        .orElse(now.toEpochMilli()));
        return claimFor(
                files(summary(current, SnapshotSummary.TOTAL_DATA_FILES_PROP)),
                metadata.snapshots().size(),
                Duration.between(Instant.ofEpochMilli(waitsSince), now));
    }

    /**
     * The logarithm of what is likely to be gained, times the days that the table has waited: a table with a thousandth
     * of another's gain waits a few times as long, and not a thousand times.
     *
     * @param waited since it was last rewritten here, as far as its snapshots tell
     */
    static double claimFor(long dataFiles, int snapshots, Duration waited) {
        return (1 + Math.log1p(dataFiles + snapshots)) * (1 + Math.max(0, waited.toSeconds()) / DAY_SECONDS);
    }

    private static @Nullable String summary(Snapshot snapshot, String key) {
        return snapshot.summary() == null ? null : snapshot.summary().get(key);
    }

    private static long files(@Nullable String said) {
        try {
            return said == null ? 1 : Math.max(0, Long.parseLong(said));
        } catch (NumberFormatException foreign) {
            return 1;
        }
    }
}
