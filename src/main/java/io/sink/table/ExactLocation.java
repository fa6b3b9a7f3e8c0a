package io.sink.table;

import io.sink.outcome.UnsupportedFeatureException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a location is exactly the key that its storage resolves it to. Only such a location is written or
 * deleted.
 *
 * <p>Iceberg's clients of S3, GCS and Azure take a location for a URI and cut it at the first {@code ?} and {@code #},
 * so that a request to delete {@code a.parquet#copy} deletes {@code a.parquet}.
 *
 * @ref LLP 0019#exact
 */
public final class ExactLocation {
    private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);
    private static final Pattern REMOTE = Pattern.compile("//([^/?#]*)(.*)", Pattern.DOTALL);

    private ExactLocation() {}

    /**
     * Why the storage could take the location for another one; null if it cannot.
     *
     * @param location the location of a file or a place
     * @param isPlace whether it is a place, which may end in a slash
     */
    public static @Nullable String refusal(String location, boolean isPlace) {
        Matcher uri = URI.matcher(location);
        boolean remote = uri.matches() && !uri.group(1).toLowerCase(Locale.ROOT).equals("file");
        String path = uri.matches() ? uri.group(2) : location;
        if (remote) {
            Matcher parts = REMOTE.matcher(path);
            if (!parts.matches()) {
                return "it is not a location of the form scheme://authority/key";
            }
            path = parts.group(2);
            String cut = cut(path);
            if (cut != null) {
                return cut;
            }
        }
        if (path.chars().anyMatch(Character::isISOControl)) {
            return "it has a control character, which requests to delete do not carry unchanged";
        }
        List<String> segments = List.of(path.split("/", -1));
        if (segments.contains("..")) {
            return "its path has a '..'";
        }
        if (remote && segments.contains(".")) {
            return "its path has a '.', which clients and proxies leave out";
        }
        return !isPlace && path.endsWith("/") ? "it ends in a slash" : null;
    }

    private static @Nullable String cut(String path) {
        for (String mark : List.of("?", "#")) {
            if (path.contains(mark)) {
                return "its path has a '" + mark + "', at which storage clients cut it off";
            }
        }
        return path.contains("://") ? "its path has a '://'" : null;
    }

    /**
     * Makes sure that nothing is written or deleted under a location that may mean another key.
     *
     * @throws UnsupportedFeatureException if the storage could take the location for another one
     */
    public static void require(String location) {
        String refusal = refusal(location, false);
        if (refusal != null) {
            throw new UnsupportedFeatureException(location + " is neither written nor deleted: " + refusal
                    + "; move the table to a location without it");
        }
    }
}
