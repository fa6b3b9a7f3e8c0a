package io.sink.expire;

import io.sink.storage.EarlierTables;
import io.sink.storage.Journal;
import io.sink.storage.Journals;
import io.sink.table.Failures;
import io.sink.table.TableFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Journals that earlier runs left beside a table.
 *
 * @param ripe journals whose snapshots are gone, or some of them after the lease, by location: their files may be
 *     deleted unless something reaches them
 * @param stale locations of journals whose snapshots are all still there after the lease, or that were cut off
 * @param earlier the UUID of the earlier table at this place that a ripe journal belongs to, by the journal's location
 * @param earlierTables tells what the earlier tables need
 * @param note what a person should know of the journals, or empty
 */
record PendingJournals(
        Map<String, Journal> ripe,
        List<String> stale,
        Map<String, String> earlier,
        EarlierTables earlierTables,
        String note) {
    private static final Logger LOG = LoggerFactory.getLogger(PendingJournals.class);

    /**
     * A commit whose answer was lost may still land within this time, and a run on another host may be at work.
     *
     * @ref LLP 0006#journal
     */
    private static final Duration LEASE = Duration.ofHours(1);

    /**
     * Sorts the journals by what is to be done with them once the table's metadata is {@code after}.
     *
     * @param earlierTables tells whether other tables whose journals lie here are gone
     */
    static PendingJournals find(Journals journals, EarlierTables earlierTables, TableMetadata after, Instant now) {
        Map<String, Journal> ripe = new LinkedHashMap<>();
        List<String> stale = new ArrayList<>();
        Map<String, String> earlier = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>();
        try {
            for (Journals.Found found : journals.everyone()) {
                String location = found.location();
                if (!journals.isOwn(found)) {
                    ofEarlier(journals, found, earlierTables, now, ripe, stale, earlier, notes);
                    continue;
                }
                Journal journal;
                try {
                    journal = journals.read(location);
                } catch (NotFoundException e) {
                    // Another run has just settled it, or the store does not give out what it has: it may name files.
                    notes.add("journal " + location + " stays, since it is listed and cannot be read");
                    continue;
                }
                if (journal == null) {
                    // It was cut off before its run did anything else, and nobody is still writing it.
                    if (found.writerIsGone() || found.since().isBefore(now.minus(LEASE))) {
                        stale.add(location);
                    }
                    continue;
                }
                Set<Long> staying = journal.snapshotIds().stream()
                        .filter(id -> after.snapshot(id) != null)
                        .collect(Collectors.toSet());
                if (staying.isEmpty()) {
                    ripe.put(location, journal);
                } else if (journal.writtenAt().plus(LEASE).isBefore(now)) {
                    if (staying.containsAll(journal.snapshotIds())) {
                        stale.add(location);
                    } else {
                        // Its commit took fewer than were planned, since a ref came to hold one of them meanwhile.
                        ripe.put(location, journal);
                    }
                }
            }
            return new PendingJournals(ripe, stale, earlier, earlierTables, String.join("; ", notes));
        } catch (RuntimeException e) {
            // Expiry itself needs no listing; without one only the leftovers of a killed run stay where they are.
            LOG.warn("cannot look for journals of earlier runs: {}", Failures.message(e));
            return new PendingJournals(
                    Map.of(),
                    List.of(),
                    Map.of(),
                    earlierTables,
                    "journals of earlier runs could not be read: " + Failures.message(e));
        }
    }

    /**
     * The whole journal of an earlier table stays as long as metadata of that table, which still lies here, needs any
     * of its files: it is finished after the table is registered again.
     *
     * @ref LLP 0006#created-anew
     */
    private static void ofEarlier(
            Journals journals,
            Journals.Found found,
            EarlierTables tables,
            Instant now,
            Map<String, Journal> ripe,
            List<String> stale,
            Map<String, String> earlier,
            List<String> notes) {
        String location = found.location();
        if (!found.since().plus(LEASE).isBefore(now)) {
            return;
        }
        try {
            Journal journal = journals.read(location);
            List<String> named = journal == null || journal.files().isEmpty()
                    ? List.of(location)
                    : journal.files().stream().map(TableFile::path).toList();
            if (!tables.areHere(named) || !tables.isGone(found.table())) {
                return;
            }
            if (journal == null) {
                stale.add(location);
                return;
            }
            if (!journal.writtenAt().plus(LEASE).isBefore(now)) {
                return;
            }
            Set<String> needed = tables.needed(found.table(), journal.files());
            if (needed.isEmpty()) {
                // Where that table's main pointed to says nothing about this table.
                ripe.put(
                        location,
                        new Journal(
                                journal.runId(),
                                journal.host(),
                                journal.writtenAt(),
                                journal.snapshotIds(),
                                null,
                                journal.files()));
                earlier.put(location, found.table());
            } else {
                notes.add("what run %s left of %s stays: metadata of that table in %s needs %d of the files"
                        .formatted(
                                journal.runId(),
                                EarlierTables.described(found.table()),
                                location.substring(0, location.lastIndexOf('/')),
                                needed.size()));
            }
        } catch (RuntimeException e) {
            notes.add("journal " + location + " of " + EarlierTables.described(found.table())
                    + " stays, since not everything that may need its files can be read: " + Failures.message(e));
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

    /** The files that the journals of earlier tables name. */
    Set<String> earlierFiles() {
        return earlier.keySet().stream()
                .flatMap(location -> files(location).stream())
                .map(TableFile::path)
                .collect(Collectors.toSet());
    }

    /**
     * Asks once more, right before the deletion, what the earlier tables need.
     *
     * @throws RuntimeException if anything cannot be read
     */
    Set<String> neededByEarlier() {
        return earlier.entrySet().stream()
                .flatMap(journal -> earlierTables.needed(journal.getValue(), files(journal.getKey())).stream())
                .collect(Collectors.toSet());
    }

    private List<TableFile> files(String location) {
        Journal journal = ripe.get(location);
        return journal == null ? List.of() : journal.files();
    }

    /** Which runs are finished, as part of a sentence; empty if none is. */
    String settling() {
        return ripe.isEmpty()
                ? ""
                : ripe.entrySet().stream()
                        .map(journal -> {
                            String table = earlier.get(journal.getKey());
                            return journal.getValue().runId()
                                    + (table == null ? "" : " of " + EarlierTables.described(table));
                        })
                        .collect(Collectors.joining(", ", "finishes what run ", " left"));
    }
}
