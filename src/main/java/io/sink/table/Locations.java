package io.sink.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
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

    private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);

    private final List<String> roots;

    private Locations(List<String> roots) {
        this.roots = roots;
    }

    public static Locations of(TableMetadata metadata) {
        return new Locations(Stream.concat(
                        Stream.of(metadata.location()), PROPERTIES.stream().map(metadata.properties()::get))
                .filter(Objects::nonNull)
                .map(Locations::normal)
                .map(root -> root.endsWith("/") ? root : root + "/")
                .filter(root -> !root.equals("/"))
                .distinct()
                .toList());
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
        String normal = normal(path);
        Optional<String> root = roots.stream().filter(normal::startsWith).findFirst();
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

    /**
     * One spelling for what names the same place: a scheme in any case, s3a and s3n for s3, the four names of Azure's
     * storage, a file URI for a path, and on local disk doubled slashes, {@code .} and {@code ..}. Nothing is decoded.
     */
    static String normal(String path) {
        Matcher uri = URI.matcher(path);
        if (!uri.matches()) {
            return path.startsWith("/") ? localPath(path) : path;
        }
        String scheme = uri.group(1).toLowerCase(Locale.ROOT);
        String rest = uri.group(2);
        return switch (scheme) {
            case "file" -> localPath(rest);
            case "s3a", "s3n" -> "s3:" + rest;
            case "abfs", "wasb", "wasbs" -> "abfss:" + rest.replaceFirst("\\.blob\\.", ".dfs.");
            default -> scheme + ":" + rest;
        };
    }

    private static String localPath(String path) {
        // two slashes at its beginning would make it another kind of path in POSIX, not here
        return Path.of(path.replaceFirst("^/+", "/")).normalize().toString();
    }
}
