package io.sink.expire;

import io.sink.table.Failures;
import io.sink.table.Journal;
import io.sink.table.Journals;
import io.sink.table.TableFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NotFoundException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Journals that earlier runs left beside a table.
 *
 * @param ripe journals whose snapshots are gone, by location: their files may go as far as nothing reaches them
 * @param stale locations of journals whose snapshots are still there long after, or that were never finished
 * @param note what a person should know of the journals, or empty
 */
record PendingJournals(Map<String, Journal> ripe, List<String> stale, String note) {
    private static final Logger LOG = LoggerFactory.getLogger(PendingJournals.class);

    /**
     * A commit whose answer was lost may still land within this time, and a run on another host may be at work.
     *
     * @ref LLP 0006#journal
     */
    private static final Duration LEASE = Duration.ofHours(1);

    /** Sorts the journals by what is to be done with them once the table's metadata is {@code after}. */
    static PendingJournals find(Journals journals, TableMetadata after, Instant now) {
        Map<String, Journal> ripe = new LinkedHashMap<>();
        List<String> stale = new ArrayList<>();
        try {
            for (Journals.Found found : journals.find()) {
                String location = found.location();
                Journal journal = readIfThere(journals, location);
                if (journal == null) {
                    // Cut off before its run did anything else, and nobody goes on writing it.
                    if (found.writerIsGone() || found.since().isBefore(now.minus(LEASE))) {
                        stale.add(location);
                    }
                    continue;
                }
                boolean gone = journal.snapshotIds().stream().allMatch(id -> after.snapshot(id) == null);
                if (gone) {
                    ripe.put(location, journal);
                } else if (journal.writtenAt().plus(LEASE).isBefore(now)) {
                    stale.add(location);
                }
            }
            return new PendingJournals(ripe, stale, "");
        } catch (RuntimeException e) {
            // Expiry itself needs no listing; without one only the leftovers of a killed run stay where they are.
            LOG.warn("cannot look for journals of earlier runs: {}", Failures.message(e));
            return new PendingJournals(
                    Map.of(), List.of(), "journals of earlier runs could not be read: " + Failures.message(e));
        }
    }

    private static @Nullable Journal readIfThere(Journals journals, String location) {
        try {
            return journals.read(location);
        } catch (NotFoundException settledMeanwhile) {
            LOG.debug("journal {} went while it was read", location);
            return null;
        }
    }

    boolean isEmpty() {
        return ripe.isEmpty() && stale.isEmpty();
    }

    Stream<TableFile> files() {
        return ripe.values().stream().flatMap(journal -> journal.files().stream());
    }

    Stream<String> locations() {
        return Stream.concat(ripe.keySet().stream(), stale.stream());
    }
}
