package io.sink.orphans;

import io.sink.storage.Locations;
import io.sink.storage.Locations.Place;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.storage.OtherTables.Survey;
import io.sink.table.ExactLocation;
import io.sink.table.LocationNormalizer;
import io.sink.table.TableHead;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Which places are a table's own to sweep, and what in them is not.
 *
 * <p>The places of other tables are known from their catalogs, and from what is found on the way: a directory with the
 * metadata of another table, or of a table of another format, is that table's.
 *
 * @ref LLP 0012#places
 */
final class SweepLocations {
    private static final Set<String> OTHER_FORMATS = Set.of("_delta_log", ".hoodie");

    private final LocationNormalizer spelling;
    private final String location;
    private final @Nullable String uuid;
    private final Set<String> partitions;
    private final List<Place> swept = new ArrayList<>();
    private final List<KnownTable> tables;
    private final Set<String> others = new HashSet<>();
    private final Set<String> notes = new LinkedHashSet<>();

    private SweepLocations(TableMetadata metadata, LocationNormalizer spelling, List<KnownTable> tables) {
        this.tables = tables;
        this.spelling = spelling;
        this.uuid = metadata.uuid();
        this.location = metadata.location();
        this.partitions = metadata.specs().stream()
                .map(PartitionSpec::fields)
                .flatMap(List::stream)
                .map(PartitionField::name)
                .collect(Collectors.toSet());
    }

    /**
     * @param name the table's own, by which it is known among the others
     * @param isSame whether another entry, of the same UUID, is this table
     */
    static SweepLocations of(
            String name, TableMetadata metadata, FileIO io, Survey survey, Predicate<KnownTable> isSame) {
        List<KnownTable> others = survey.tables().stream()
                .filter(other -> !other.name().equals(name))
                .filter(other -> !Objects.equals(other.uuid(), metadata.uuid()) || !isSame.test(other))
                .toList();
        SweepLocations all = new SweepLocations(metadata, LocationNormalizer.of(io), others);
        for (Place place : Locations.of(metadata, io).places()) {
            all.claim(place);
        }
        return all;
    }

    private void claim(Place place) {
        String inexact = ExactLocation.refusal(place.spelled(), true);
        if (inexact != null) {
            notes.add(place.spelled() + " is not swept: " + inexact);
            return;
        }
        for (KnownTable other : tables) {
            for (Place theirs : other.held()) {
                if (place.folded().startsWith(theirs.folded())) {
                    notes.add(place.spelled() + " is not swept: "
                            + (theirs.folded().equals(place.folded())
                                    ? "it is also a place of " + other.name()
                                    : "it lies in " + theirs.spelled() + ", a place of " + other.name()));
                    others.add(place.folded());
                    return;
                }
                if (theirs.folded().startsWith(place.folded())) {
                    others.add(theirs.folded());
                }
            }
        }
        if (swept.stream().noneMatch(earlier -> earlier.holds(place))) {
            swept.removeIf(place::holds);
            swept.add(place);
        }
    }

    /** Every other table that is known: any of them may name a file anywhere. */
    List<KnownTable> tables() {
        return tables;
    }

    /** The places to list; none lies in another. */
    List<Place> swept() {
        return List.copyOf(swept);
    }

    /** What a person should know of the places, each a sentence. */
    Set<String> notes() {
        return notes;
    }

    /** Notes that a directory, with all that is in it, is another table's. */
    void isOthers(String directory) {
        others.add(spelling.folded(directory) + "/");
    }

    /** Notes the directory of a table of another format that a listed file lies in, if it lies in one. */
    void learn(String listed) {
        String folded = spelling.folded(listed);
        for (String mark : OTHER_FORMATS) {
            int at = folded.indexOf("/" + mark + "/");
            if (at >= 0) {
                others.add(folded.substring(0, at + 1));
            }
        }
    }

    /** Whether a metadata file with this head is one of this table. */
    boolean isOwn(TableHead head) {
        return head.uuid() != null ? head.uuid().equals(uuid) : location.equals(head.location());
    }

    /** Whether the file lies in a directory of another table. */
    boolean isInOthers(String listed) {
        String folded = spelling.folded(listed);
        for (int slash = folded.indexOf('/'); slash >= 0; slash = folded.indexOf('/', slash + 1)) {
            if (others.contains(folded.substring(0, slash + 1))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a directory or the file itself is hidden, by a leading dot or underscore, and so another program's:
     * staging directories, checksums, markers. A partition whose field begins so is none.
     */
    boolean isHidden(Place place, String listed) {
        String[] segments =
                spelling.normal(listed).substring(place.root().length()).split("/", -1);
        for (String segment : segments) {
            boolean hidden = segment.isEmpty() || segment.startsWith(".") || segment.startsWith("_");
            int equals = segment.indexOf('=');
            if (hidden && !(equals > 0 && partitions.contains(segment.substring(0, equals)))) {
                return true;
            }
        }
        return segments[segments.length - 1].endsWith("_$folder$");
    }
}
