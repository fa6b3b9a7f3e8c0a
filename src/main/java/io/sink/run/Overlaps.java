package io.sink.run;

import io.sink.storage.Locations.Place;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.storage.OtherTables.Survey;
import io.sink.storage.PlaceIndex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Places of tables that nest, and tables that have more than one entry, over all configured catalogs: a run on one
 * table cannot notice them.
 *
 * @ref LLP 0019#known
 */
public final class Overlaps {
    private Overlaps() {}

    /** One sentence for each overlap; none if every table that could be read is alone. */
    public static List<String> of(Survey survey) {
        List<String> found = new ArrayList<>();
        PlaceIndex index = new PlaceIndex(survey.tables());
        Map<String, List<KnownTable>> byUuid = new HashMap<>();
        for (KnownTable table : survey.tables()) {
            List<KnownTable> earlier =
                    table.uuid() == null ? List.of() : byUuid.computeIfAbsent(table.uuid(), any -> new ArrayList<>());
            for (KnownTable twin : earlier) {
                if (twin.isApartFrom(table)) {
                    continue;
                }
                found.add("%s and %s are one table (UUID %s), at %s"
                        .formatted(
                                twin.name(),
                                table.name(),
                                table.uuid(),
                                Objects.equals(twin.metadataLocation(), table.metadataLocation())
                                        ? "the same metadata file: it is maintained once"
                                        : "different metadata files: drop the stale entry, or neither is maintained"));
            }
            if (table.uuid() != null) {
                earlier.add(table);
            }
            for (Place place : table.places()) {
                KnownTable around = index.holding(place.folded(), Set.of(table.name()));
                if (around != null && !Objects.equals(around.uuid(), table.uuid())) {
                    found.add(
                            "%s of %s lies in a place of %s: there, an expiry asks what both need, and nothing is swept"
                                    .formatted(place.spelled(), table.name(), around.name()));
                }
            }
        }
        return found;
    }
}
