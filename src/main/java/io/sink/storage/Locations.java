package io.sink.storage;

import io.sink.table.ExactLocation;
import io.sink.table.LocationNormalizer;
import io.sink.table.RealRoots;
import io.sink.table.TableFile;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The places that belong to one table: nothing outside of them is ever deleted.
 *
 * <p>They are the table's location and the locations that its properties give for data and metadata.
 *
 * @ref LLP 0000#own-locations
 */
public final class Locations {
    private static final String METADATA = "/metadata";

    @SuppressWarnings("deprecation") // tables written before 1.0 still carry these
    private static final List<String> PROPERTIES = List.of(
            TableProperties.WRITE_DATA_LOCATION,
            TableProperties.WRITE_METADATA_LOCATION,
            TableProperties.OBJECT_STORE_PATH,
            TableProperties.WRITE_FOLDER_STORAGE_LOCATION);

    private static final Pattern NO_PLACE = Pattern.compile("([a-z0-9+.-]+:)?/*");

    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*:");

    private final LocationNormalizer spelling;
    private final List<Place> places;
    private final List<Place> given;

    private Locations(LocationNormalizer spelling, List<Place> places, List<Place> given) {
        this.spelling = spelling;
        this.places = List.copyOf(places);
        this.given = List.copyOf(given);
    }

    /**
     * A place of a table. Every spelling of it ends in a slash, so that {@code t1/} does not hold {@code t10/}.
     *
     * @param root as {@link LocationNormalizer#normal} spells it, to compare locations
     * @param spelled as the table's metadata spells it, to list it
     * @param folded as {@link LocationNormalizer#folded} spells it, to find whose else it could be
     */
    public record Place(String root, String spelled, String folded) {

        static Place of(String spelled, LocationNormalizer spelling) {
            return new Place(slashed(spelling.normal(spelled)), slashed(spelled), slashed(spelling.folded(spelled)));
        }

        private static String slashed(String location) {
            return location.endsWith("/") ? location : location + "/";
        }

        /** Whether the other place is this one or lies in it. */
        public boolean holds(Place other) {
            return other.root.startsWith(root);
        }

        /** Whether one of the two could lie in the other, or be it. */
        public boolean nests(Place other) {
            return folded.startsWith(other.folded) || other.folded.startsWith(folded);
        }
    }

    /**
     * The table's location and the locations that its properties give.
     *
     * @param io the table's own, which knows how its locations are spelled
     */
    public static Locations of(TableMetadata metadata, FileIO io) {
        return of(metadata, io, List.of());
    }

    /** The table's own location alone, without those that its properties give. */
    static Locations home(TableMetadata metadata, FileIO io) {
        LocationNormalizer spelling = LocationNormalizer.of(io);
        return new Locations(spelling, places(spelling, Stream.of(metadata.location())), List.of());
    }

    /**
     * As {@link #of(TableMetadata, FileIO)}, with further places.
     *
     * @param given places in which, as the operator says, only the tables that they are given to have files
     */
    public static Locations of(TableMetadata metadata, FileIO io, List<String> given) {
        LocationNormalizer spelling = LocationNormalizer.of(io);
        return new Locations(
                spelling,
                places(
                        spelling,
                        Stream.concat(
                                Stream.of(metadata.location()),
                                PROPERTIES.stream().map(metadata.properties()::get))),
                places(spelling, given.stream()));
    }

    /**
     * The places where the table was before its location was changed, by the folders of its metadata files and manifest
     * lists. Its snapshots may still name files there.
     */
    public static List<Place> earlier(TableMetadata metadata, FileIO io) {
        List<Place> now = of(metadata, io).places();
        Set<String> folders = new LinkedHashSet<>();
        metadata.previousFiles().forEach(entry -> folders.add(folder(entry.file())));
        metadata.snapshots().stream()
                .map(Snapshot::manifestListLocation)
                .filter(Objects::nonNull)
                .forEach(list -> folders.add(folder(list)));
        folders.remove("");
        return places(LocationNormalizer.of(io), folders.stream()).stream()
                .filter(place -> now.stream().noneMatch(own -> own.holds(place)))
                .toList();
    }

    /** The table's folder if the file lies in its {@code metadata} folder; else the file's own folder. */
    private static String folder(String location) {
        String folder = location.substring(0, Math.max(0, location.lastIndexOf('/')));
        return folder.endsWith(METADATA) ? folder.substring(0, folder.length() - METADATA.length()) : folder;
    }

    private static List<Place> places(LocationNormalizer spelling, Stream<String> locations) {
        List<Place> places = locations
                .filter(Objects::nonNull)
                .map(location -> Place.of(location, spelling))
                .filter(place -> !NO_PLACE.matcher(place.root()).matches())
                .distinct()
                .toList();
        // Roots are resolved before any file is looked at: a root that is replaced by a link later does not move the
        // table.
        places.stream().map(Place::root).filter(Locations::isLocal).forEach(root -> RealRoots.pin(Path.of(root)));
        return places;
    }

    /** The places, the table's own location first; one may lie in another. */
    public List<Place> places() {
        return places;
    }

    /** The further places that the operator gave to the table. */
    public List<Place> given() {
        return given;
    }

    /**
     * Why the file may not be deleted on this table's behalf, or null if it may.
     *
     * <p>On local disk the parent is resolved first, so that a link inside the table cannot lead out of it.
     */
    public @Nullable String refusal(String path) {
        String inexact = ExactLocation.refusal(path, false);
        if (inexact != null) {
            return inexact;
        }
        Optional<Place> place = placeOf(path);
        if (place.isEmpty()) {
            return "it lies outside the table's own locations";
        }
        String normal = spelling.normal(path);
        return isLocal(normal)
                ? RealRoots.refusal(Path.of(normal), Path.of(place.get().root()))
                : null;
    }

    /** The first place that the file lies in; those that were given come last. */
    Optional<Place> placeOf(String path) {
        String normal = spelling.normal(path);
        return Stream.concat(places.stream(), given.stream())
                .filter(place -> normal.startsWith(place.root()))
                .findFirst();
    }

    /** The files that may not be deleted on this table's behalf, with the reason by path. */
    public Map<String, String> refused(Collection<TableFile> files) {
        Map<String, String> refused = new TreeMap<>();
        for (TableFile file : files) {
            String refusal = refusal(file.path());
            if (refusal != null) {
                refused.put(file.path(), "not deleted: " + refusal);
            }
        }
        return refused;
    }

    /**
     * The real path of the place that the file lies in; empty if it lies in none, or not on local disk.
     *
     * @throws java.io.UncheckedIOException if it cannot be resolved
     */
    Optional<Path> localRoot(String path) {
        String normal = spelling.normal(path);
        return isLocal(normal)
                ? places.stream()
                        .map(Place::root)
                        .filter(normal::startsWith)
                        .findFirst()
                        .map(root -> RealRoots.of(Path.of(root)))
                : Optional.empty();
    }

    /** Whether a normalized location is a path, absolute or not. */
    private static boolean isLocal(String normal) {
        return !SCHEME.matcher(normal).lookingAt();
    }
}
