package io.sink.orphans;

import io.sink.table.Locations;
import io.sink.table.Locations.Place;
import io.sink.table.Neighbourhood;
import io.sink.table.Neighbourhood.Neighbour;
import io.sink.table.Spelling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Which places are a table's own to sweep, and what in them is not.
 *
 * <p>What other tables have is known from their catalogs, and from what is found on the way: a directory with the metadata of
 * another table, or of a table of another format, is that table's.
 *
 * @ref LLP 0012#territory
 */
final class Territory {
    private static final Set<String> OTHER_FORMATS = Set.of("_delta_log", ".hoodie");

    private final Spelling spelling;
    private final String location;
    private final @Nullable String uuid;
    private final Set<String> partitions;
    private final List<Place> swept = new ArrayList<>();
    private final Set<String> others = new HashSet<>();
    private final Set<String> notes = new LinkedHashSet<>();

    private Territory(TableMetadata metadata, Spelling spelling) {
        this.spelling = spelling;
        this.uuid = metadata.uuid();
        this.location = metadata.location();
        this.partitions = metadata.specs().stream()
                .map(PartitionSpec::fields)
                .flatMap(List::stream)
                .map(PartitionField::name)
                .collect(Collectors.toSet());
    }

    /** @param name the table's own, by which it is known among its neighbours */
    static Territory of(String name, TableMetadata metadata, FileIO io, Neighbourhood.Known known) {
        Territory territory = new Territory(metadata, Spelling.of(io));
        List<Place> places = Locations.of(metadata, io).places();
        List<Neighbour> neighbours = known.tables().stream()
                .filter(other -> !other.name().equals(name) && !isSame(other, metadata))
                .toList();
        for (Place place : places) {
            territory.claim(place, places.get(0), neighbours, known.unknown());
        }
        return territory;
    }

    /** The same table under a second name, perhaps as it was a moment ago. */
    private static boolean isSame(Neighbour other, TableMetadata metadata) {
        return other.uuid().equals(metadata.uuid())
                && other.metadataLocation() != null
                && (other.metadataLocation().equals(metadata.metadataFileLocation())
                        || metadata.previousFiles().stream()
                                .anyMatch(entry -> entry.file().equals(other.metadataLocation())));
    }

    private void claim(Place place, Place home, List<Neighbour> neighbours, List<String> unknown) {
        if (!home.holds(place) && !unknown.isEmpty()) {
            notes.add(place.spelled() + " is not swept: it lies outside the table's location, and could be shared with "
                    + unknown.get(0) + (unknown.size() > 1 ? " or " + (unknown.size() - 1) + " others" : "")
                    + ", which cannot be read");
            return;
        }
        for (Neighbour other : neighbours) {
            for (Place theirs : other.places()) {
                if (theirs.root().equals(place.root())) {
                    notes.add(place.spelled() + " is not swept: it is also " + other.name() + "'s");
                    others.add(place.root());
                    return;
                }
                if (place.holds(theirs)) {
                    others.add(theirs.root());
                }
            }
        }
        if (swept.stream().noneMatch(earlier -> earlier.holds(place))) {
            swept.removeIf(place::holds);
            swept.add(place);
        }
    }

    /** The places to list; none lies in another. */
    List<Place> swept() {
        return List.copyOf(swept);
    }

    /** What a person should know of the places, each a sentence. */
    Set<String> notes() {
        return notes;
    }

    /** Says that a directory is another table's, with all that is in it. */
    void isOthers(String directory) {
        others.add(spelling.normal(directory) + "/");
    }

    /** Learns from a listed file whose directory it lies in. */
    void learn(String listed) {
        String normal = spelling.normal(listed);
        for (String mark : OTHER_FORMATS) {
            int at = normal.indexOf("/" + mark + "/");
            if (at >= 0) {
                others.add(normal.substring(0, at + 1));
            }
        }
    }

    /** Whether a metadata file with this head is one of this table. */
    boolean isOwn(TableHead head) {
        return head.uuid() != null ? head.uuid().equals(uuid) : location.equals(head.location());
    }

    /** Whether the file lies in a directory of another table. */
    boolean isInOthers(String listed) {
        String normal = spelling.normal(listed);
        for (int slash = normal.indexOf('/'); slash >= 0; slash = normal.indexOf('/', slash + 1)) {
            if (others.contains(normal.substring(0, slash + 1))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a directory or the file itself is hidden, by a leading dot or underscore, and so another program's: staging
     * directories, checksums, markers. A partition whose field begins so is none.
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
