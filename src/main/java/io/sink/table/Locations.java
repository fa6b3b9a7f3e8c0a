package io.sink.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
    @SuppressWarnings("deprecation") // tables written before 1.0 still carry these
    private static final List<String> PROPERTIES = List.of(
            TableProperties.WRITE_DATA_LOCATION,
            TableProperties.WRITE_METADATA_LOCATION,
            TableProperties.OBJECT_STORE_PATH,
            TableProperties.WRITE_FOLDER_STORAGE_LOCATION);

    private static final Pattern NO_PLACE = Pattern.compile("([a-z0-9+.-]+:)?/*");

    private final Spelling spelling;
    private final List<Place> places;

    private Locations(Spelling spelling, List<Place> places) {
        this.spelling = spelling;
        this.places = List.copyOf(places);
    }

    /**
     * A place of a table; both end in a slash, so that {@code t1/} is not {@code t10/}.
     *
     * @param root in the one spelling that names are compared in
     * @param spelled as the table's metadata spells it, for the storage to list
     */
    public record Place(String root, String spelled) {

        private static Place of(String spelled, Spelling spelling) {
            return new Place(slashed(spelling.normal(spelled)), slashed(spelled));
        }

        private static String slashed(String location) {
            return location.endsWith("/") ? location : location + "/";
        }

        /** Whether the other place is this one or lies in it. */
        public boolean holds(Place other) {
            return other.root.startsWith(root);
        }
    }

    /** @param io the table's own, which knows how its locations are spelled */
    public static Locations of(TableMetadata metadata, FileIO io) {
        Spelling spelling = Spelling.of(io);
        return new Locations(
                spelling,
                Stream.concat(
                                Stream.of(metadata.location()),
                                PROPERTIES.stream().map(metadata.properties()::get))
                        .filter(Objects::nonNull)
                        .map(location -> Place.of(location, spelling))
                        .filter(place -> !NO_PLACE.matcher(place.root()).matches())
                        .distinct()
                        .toList());
    }

    /** The places, the table's own location first; one may lie in another. */
    public List<Place> places() {
        return places;
    }

    /**
     * Why the file may not be deleted on this table's behalf, or null if it may.
     *
     * <p>On local disk the parent is resolved first, so that a link inside the table cannot lead out of it.
     */
    public @Nullable String refusal(String path) {
        if (Arrays.asList(path.split("/", -1)).contains("..")) {
            return "its path has a '..'";
        }
        String normal = spelling.normal(path);
        Optional<String> root =
                places.stream().map(Place::root).filter(normal::startsWith).findFirst();
        if (root.isEmpty()) {
            return "it lies outside the table's own locations";
        }
        return normal.startsWith("/") ? localRefusal(Path.of(normal), Path.of(root.get())) : null;
    }

    /** Those of the files that may not be deleted on this table's behalf, each with the reason. */
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

    private static @Nullable String localRefusal(Path file, Path root) {
        Path parent = file.getParent();
        if (parent == null || !Files.exists(parent)) {
            return null;
        }
        try {
            if (Files.isSymbolicLink(file)) {
                return "it is a symbolic link";
            }
            if (!parent.toRealPath().startsWith(root.toRealPath())) {
                return "a symbolic link on its path leads out of the table's own locations";
            }
            return null;
        } catch (IOException e) {
            return "its real path cannot be found: " + e;
        }
    }
}
