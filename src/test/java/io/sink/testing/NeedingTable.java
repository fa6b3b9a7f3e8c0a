package io.sink.testing;

import io.sink.storage.Locations;
import io.sink.storage.OtherTables;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One other table, which needs some files.
 *
 * @param known the table
 * @param files what it needs, as {@link io.sink.table.LocationNormalizer#normal} spells it
 */
public record NeedingTable(OtherTables.KnownTable known, Set<String> files) implements OtherTables {

    /** A table that needs these files. */
    public static NeedingTable of(BaseTable table, String... files) {
        TableMetadata metadata = table.operations().current();
        return new NeedingTable(
                new KnownTable(
                        table.name(),
                        metadata.uuid(),
                        metadata.metadataFileLocation(),
                        Locations.of(metadata, table.io()).places(),
                        List.of(),
                        List.of()),
                Set.of(files));
    }

    @Override
    public @Nullable KnownTable loadedAt(String folded, Set<String> except) {
        return known.places().stream().anyMatch(place -> folded.startsWith(place.folded())) ? known : null;
    }

    @Override
    public List<KnownTable> sameAs(String name, TableMetadata metadata) {
        return List.of();
    }

    @Override
    public Survey survey(Runnable safePoint) {
        return new Survey(List.of(known), List.of());
    }

    @Override
    public Need needOf(Collection<KnownTable> sharers, Collection<String> locations, Runnable safePoint) {
        Map<String, String> needed = new HashMap<>();
        if (sharers.contains(known)) {
            locations.stream().filter(files::contains).forEach(file -> needed.put(file, known.name()));
        }
        return new Need(needed, List.of());
    }

    @Override
    public boolean isSameEntry(KnownTable other, TableMetadata metadata) {
        return false;
    }

    @Override
    public boolean hasOtherEntry(String name, TableMetadata metadata) {
        return false;
    }
}
