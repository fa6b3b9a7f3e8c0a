package io.sink.catalog;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.exceptions.ValidationException;

/**
 * Reads the text of a location: its scheme, and the local path behind {@code file:/a}, {@code file:///a} and {@code a}.
 */
final class LocalLocation {

    private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):.*", Pattern.DOTALL);

    private LocalLocation() {}

    /** The scheme in lower case, or the empty string of a plain path. */
    static String scheme(String location) {
        Matcher matcher = SCHEME.matcher(location);
        return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
    }

    /** Whether the location is on local disk: no scheme, or {@code file}. */
    static boolean isLocal(String location) {
        String scheme = scheme(location);
        return scheme.isEmpty() || scheme.equals("file");
    }

    /**
     * The path that a local location names. Nothing is decoded: writers escape partition values themselves, so
     * {@code p=a%2Fb} is a directory of just that name.
     *
     * @throws ValidationException if the location is not local, names a host, or climbs with {@code ..}
     */
    static Path path(String location) {
        ValidationException.check(isLocal(location), "Not on local disk: %s", location);
        String text = scheme(location).isEmpty() ? location : location.substring("file:".length());
        if (!text.equals(location) && text.startsWith("//") && !text.startsWith("///")) {
            throw new ValidationException("A file location cannot name a host: %s", location);
        }
        Path path = Path.of(text);
        for (Path segment : path) {
            ValidationException.check(
                    !segment.toString().equals(".."), "A location cannot climb with '..': %s", location);
        }
        return path;
    }

    /** A relative local location as an absolute one below the base, in the same form; any other location as it is. */
    static String resolve(String location, Path base) {
        if (!isLocal(location)) {
            return location;
        }
        String form = scheme(location).isEmpty() ? "" : location.substring(0, "file:".length());
        Path path = Path.of(location.substring(form.length()));
        return path.isAbsolute()
                ? location
                : form + base.toAbsolutePath().resolve(path).normalize();
    }
}
