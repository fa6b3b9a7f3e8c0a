package io.sink.run;

import io.sink.storage.Locations.Place;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.table.Failures;
import io.sink.table.LocationNormalizer;
import io.sink.table.ReachableFiles;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries of one table whose places have nothing in common. They are replicas if each names files in its own places
 * alone; an entry whose location was only changed still names files in the places of the first one.
 *
 * @ref LLP 0019#duplicates
 */
final class Replicas {
    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

    private Replicas() {}

    /** Reads a table by its full name. */
    @FunctionalInterface
    interface Reader {
        /** @throws RuntimeException if it cannot be read */
        void read(String name, Consumer<BaseTable> read);
    }

    /**
     * The same tables in the same order, each with the places of others of its UUID in which it names files. A table
     * that is alone with its UUID is not read. A table that cannot be read is given all of these places.
     *
     * @param safePoint called between tables; throws to end the search
     */
    static List<KnownTable> checked(Collection<KnownTable> tables, Reader reader, Runnable safePoint) {
        Map<String, List<KnownTable>> byUuid = tables.stream()
                .filter(table -> table.uuid() != null)
                .collect(Collectors.groupingBy(table -> String.valueOf(table.uuid())));
        List<KnownTable> checked = new ArrayList<>();
        for (KnownTable table : tables) {
            List<Place> theirs = byUuid.getOrDefault(String.valueOf(table.uuid()), List.of()).stream()
                    .filter(other -> !other.name().equals(table.name()) && other.isApartFrom(table))
                    .flatMap(other -> other.places().stream())
                    .distinct()
                    .toList();
            if (theirs.isEmpty()) {
                checked.add(table);
            } else {
                safePoint.run();
                checked.add(table.withBorrowed(borrowed(table, theirs, reader)));
            }
        }
        return checked;
    }

    private static Collection<Place> borrowed(KnownTable table, List<Place> theirs, Reader reader) {
        Set<Place> found = ConcurrentHashMap.newKeySet();
        try {
            reader.read(table.name(), now -> {
                LocationNormalizer spelling = LocationNormalizer.of(now.io());
                ReachableFiles.of(now.operations().current(), now.io(), location -> {
                    String folded = spelling.folded(location);
                    theirs.stream()
                            .filter(place -> folded.startsWith(place.folded()))
                            .forEach(found::add);
                });
            });
            return found;
        } catch (RuntimeException | LinkageError e) {
            LOG.info("{} cannot be read: {}", table.name(), Failures.message(e));
            return theirs;
        }
    }
}
