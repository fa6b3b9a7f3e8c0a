package io.sink.storage;

import io.sink.storage.Locations.Place;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.storage.OtherTables.Survey;
import io.sink.table.LocationNormalizer;
import io.sink.table.TableFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether another table may need a file that one table does not need any more. Every deletion of an expiry asks
 * it.
 *
 * <p>There are three zones. The first is the table's own location without the known places of other tables: a file
 * there belongs to the table. The second zone consists of places elsewhere that its properties or the operator name,
 * and places of other tables that nest with its location: a file there is deleted only if no table that shares the
 * place needs it and nothing unknown could share the place. The third is everywhere else: a file there stays.
 *
 * @ref LLP 0019#zones
 */
public final class Ownership {
    private final TableMetadata metadata;
    private final Locations locations;
    private final LocationNormalizer spelling;
    private final OtherTables others;
    private final Runnable safePoint;
    private final NestedTables nested;
    private final Set<String> selves = new HashSet<>();
    private final List<KnownTable> sameEntries = new ArrayList<>();

    /**
     * @param name the table's full name, by which it is known among the others
     * @param metadata the table's, before the expiry
     * @param locations its places
     * @param io the table's own
     * @param others the other tables
     * @param safePoint called between readings; throws to end them
     */
    public Ownership(
            String name,
            TableMetadata metadata,
            Locations locations,
            FileIO io,
            OtherTables others,
            Runnable safePoint) {
        this.metadata = metadata;
        this.locations = locations;
        this.spelling = LocationNormalizer.of(io);
        this.others = others;
        this.safePoint = safePoint;
        this.nested = new NestedTables(io, metadata, locations.places().get(0));
        selves.add(name);
        others.sameAs(name, metadata).forEach(this::isSelf);
    }

    /**
     * Which files may be deleted.
     *
     * @param free files that no other table needs
     * @param left why each of the others stays, by its path
     * @param later those of the others that stay only because something could not be read, so that a later run asks
     *     again
     */
    public record Verdict(List<TableFile> free, Map<String, String> left, List<TableFile> later) {
        public Verdict {
            free = List.copyOf(free);
            left = new TreeMap<>(left);
            later = List.copyOf(later);
        }
    }

    private void isSelf(KnownTable entry) {
        if (selves.add(entry.name())) {
            sameEntries.add(entry);
        }
    }

    /**
     * The files that another entry of this same table still needs after the expiry was committed, with the reason by
     * path. Such an entry may be in another catalog, which still shows the table as it was.
     *
     * @throws IllegalStateException if that entry cannot be read any more
     */
    public Map<String, String> neededBySameEntries(Collection<TableFile> files) {
        Map<String, String> left = new TreeMap<>();
        if (sameEntries.isEmpty() || files.isEmpty()) {
            return left;
        }
        OtherTables.Need need = others.needOf(
                sameEntries,
                files.stream().map(file -> spelling.normal(file.path())).toList(),
                safePoint);
        if (!need.unknown().isEmpty()) {
            throw new IllegalStateException(
                    "the files could be needed by " + need.unknown().get(0));
        }
        for (TableFile file : files) {
            String needer = need.neededBy().get(spelling.normal(file.path()));
            if (needer != null) {
                left.put(
                        file.path(),
                        "not deleted: " + needer
                                + ", the same table in another catalog, still shows the old state and needs it");
            }
        }
        return left;
    }

    /**
     * Decides which of the files that the table itself does not need any more may be deleted.
     *
     * @throws RuntimeException if the safe point ends the search, or metadata of a nested table cannot be read
     */
    public Verdict judge(Collection<TableFile> files) {
        List<TableFile> free = new ArrayList<>();
        Map<String, String> left = new TreeMap<>();
        Map<Zone, List<TableFile>> shared = new LinkedHashMap<>();
        for (TableFile file : files) {
            String refusal = locations.refusal(file.path());
            if (refusal != null) {
                left.put(file.path(), "not deleted: " + refusal);
                continue;
            }
            Zone zone = zone(file);
            if (zone == null) {
                free.add(file);
            } else {
                shared.computeIfAbsent(zone, any -> new ArrayList<>()).add(file);
            }
        }
        List<TableFile> later = new ArrayList<>();
        shared.forEach((zone, inZone) -> free.addAll(unneeded(zone, inZone, left, later)));
        return new Verdict(free, left, later);
    }

    /**
     * A place that others could share.
     *
     * @param place the shared place
     * @param owner a table that is known to have a place there, or null if none is known
     * @param beside a metadata file of another table that was found there, or null
     */
    private record Zone(
            Place place,
            @Nullable KnownTable owner,
            @Nullable String beside) {}

    /**
     * The zone of a file in the table's places; null if only the table's own location holds it, and no other table's
     * place.
     */
    private @Nullable Zone zone(TableFile file) {
        Place home = locations.places().get(0);
        Place place = locations
                .placeOf(file.path())
                .orElseThrow(() -> new IllegalStateException(file.path() + " lies in none of the table's places"));
        if (!place.equals(home)) {
            return new Zone(place, null, null);
        }
        KnownTable other = others.loadedAt(spelling.folded(file.path()), selves);
        String beside = other == null ? nested.around(file.path()) : null;
        return other == null && beside == null ? null : new Zone(home, other, beside);
    }

    private List<TableFile> unneeded(
            Zone zone, List<TableFile> files, Map<String, String> left, List<TableFile> later) {
        Survey survey = others.survey(safePoint);
        survey.tables().stream()
                .filter(other -> Objects.equals(other.uuid(), metadata.uuid()) && metadata.uuid() != null)
                .filter(other -> !selves.contains(other.name()) && others.isSameEntry(other, metadata))
                .forEach(this::isSelf);
        Set<KnownTable> sharers = new LinkedHashSet<>();
        survey.tables().stream()
                .filter(other -> !selves.contains(other.name()) && other.shares(zone.place()))
                .forEach(sharers::add);
        if (zone.owner() != null
                && sharers.stream()
                        .noneMatch(other -> other.name().equals(zone.owner().name()))) {
            sharers.add(zone.owner());
        }
        OtherTables.Need need = others.needOf(
                sharers,
                files.stream().map(file -> spelling.normal(file.path())).toList(),
                safePoint);
        List<OtherTables.Unknown> unknown = new ArrayList<>(survey.unknown());
        unknown.addAll(need.unknown());
        PlaceIndex known = new PlaceIndex(zone.beside() == null ? List.of() : survey.tables());
        List<TableFile> free = new ArrayList<>();
        for (TableFile file : files) {
            String needer = need.neededBy().get(spelling.normal(file.path()));
            if (needer != null) {
                left.put(
                        file.path(),
                        "not deleted: table %s needs it and shares %s"
                                .formatted(needer, zone.place().spelled()));
            } else if (!unknown.isEmpty()) {
                left.put(
                        file.path(),
                        "not deleted: it lies in %s, which could be shared with %s%s"
                                .formatted(
                                        zone.place().spelled(),
                                        unknown.get(0),
                                        unknown.size() == 1 ? "" : " and " + (unknown.size() - 1) + " more"));
                later.add(file);
            } else if (zone.beside() != null && known.holding(spelling.folded(file.path()), selves) == null) {
                left.put(
                        file.path(),
                        ("not deleted: another table's metadata lies beside it, %s, and no configured catalog has"
                                        + " that table")
                                .formatted(zone.beside()));
            } else {
                free.add(file);
            }
        }
        return free;
    }
}
