package io.sink.table;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Normalizes locations, so that a file is recognized under every spelling that a table uses.
 *
 * <p>It unifies the case of a scheme; s3a, s3n and s3; the four schemes of Azure's storage; file URIs and paths;
 * {@code blob://} keys and their locations; and on local disk doubled slashes, {@code .} and {@code ..}. Nothing is
 * decoded.
 *
 * @param blobRoot the location that {@code blob://} keys are relative to; null if there is none
 */
public record LocationNormalizer(@Nullable String blobRoot) {
    /** The property of a table's FileIO that says where {@code blob://} is. */
    private static final String BLOB_ROOT = "blob-root";

    private static final String BLOB = "blob://";
    private static final Pattern PERCENT = Pattern.compile("(%[0-9A-Fa-f]{2})+");
    private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);

    /** The normalizer for files of this storage. */
    public static LocationNormalizer of(FileIO io) {
        try {
            return new LocationNormalizer(io.properties().get(BLOB_ROOT));
        } catch (UnsupportedOperationException withoutProperties) {
            return new LocationNormalizer(null);
        }
    }

    /** The normal spelling of a location. */
    public String normal(String path) {
        if (isNormal(path)) {
            return path;
        }
        if (blobRoot != null && path.startsWith(BLOB)) {
            return normal(blobRoot + "/" + path.substring(BLOB.length()));
        }
        Matcher uri = URI.matcher(path);
        if (!uri.matches()) {
            return path.startsWith("/") ? localPath(path) : path;
        }
        String scheme = uri.group(1).toLowerCase(Locale.ROOT);
        String rest = uri.group(2);
        return switch (scheme) {
            case "file" -> localPath(rest.replaceFirst("^//localhost(?=/)", ""));
            case "s3a", "s3n" -> "s3:" + rest;
            case "abfs", "wasb", "wasbs" -> "abfss:" + rest.replaceFirst("\\.blob\\.", ".dfs.");
            default -> scheme + ":" + rest;
        };
    }

    private static String localPath(String path) {
        return Path.of(path.replaceFirst("^/+", "/")).normalize().toString();
    }

    /**
     * Whether both certainly name one file: their normal spellings are equal, apart from doubled slashes, which writers
     * add or leave out.
     */
    public boolean isSame(String one, String other) {
        return one.equals(other) || singleSlashes(normal(one)).equals(singleSlashes(normal(other)));
    }

    private static String singleSlashes(String normal) {
        int start = normal.indexOf("://") + 3;
        return normal.indexOf("//", start) < 0
                ? normal
                : normal.substring(0, start) + normal.substring(start).replaceAll("//+", "/");
    }

    /** Whether it has one of the two forms of nearly every location; needs no regular expression. */
    private static boolean isNormal(String path) {
        return path.startsWith("s3://")
                || (path.startsWith("/") && !path.contains("//") && !path.contains("/.") && !path.endsWith("/"));
    }

    /**
     * A form that is equal for all locations that some storage, client or proxy could take for each other: cut at
     * {@code ?} and {@code #} if remote, percent-decoded, without doubled slashes and dots, in one Unicode form and
     * case; on local disk absolute, with links resolved. Locations with the same form may be one file; others are
     * different files.
     *
     * @ref LLP 0019#exact
     */
    public String folded(String path) {
        String spelled = normal(path);
        boolean remote = !spelled.startsWith("/") && URI.matcher(spelled).matches();
        String normal = remote ? spelled : RealRoots.behindLinks(spelled);
        if (isPlain(normal, remote)) {
            return normal.toLowerCase(Locale.ROOT);
        }
        int authority = remote ? Math.max(normal.indexOf("://"), 0) : 0;
        int start = remote && authority > 0 ? authority + 3 : 0;
        String key = normal.substring(start);
        if (remote) {
            key = upTo(upTo(key, '?'), '#');
        }
        key = Normalizer.normalize(decoded(key), Normalizer.Form.NFKC);
        StringBuilder folded = new StringBuilder(normal.substring(0, start));
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : key.split("/", -1)) {
            if (segment.equals("..")) {
                segments.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.add(segment);
            }
        }
        if (!remote) {
            folded.append('/');
        }
        return folded.append(String.join("/", segments))
                .toString()
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    /** Whether only the case of letters has to be folded. */
    private static boolean isPlain(String normal, boolean remote) {
        int start = remote ? normal.indexOf("://") + 3 : 0;
        if (start == 2 || normal.endsWith("/")) {
            return false;
        }
        char before = ' ';
        for (int at = start; at < normal.length(); at++) {
            char c = normal.charAt(at);
            boolean odd = c == '%' || c == '?' || c == '#' || c >= 128;
            if (odd || (before == '/' && (c == '/' || c == '.'))) {
                return false;
            }
            before = c;
        }
        return true;
    }

    private static String upTo(String key, char mark) {
        int at = key.indexOf(mark);
        return at < 0 ? key : key.substring(0, at);
    }

    /** Decodes percent escapes repeatedly, up to four times: some clients encode once more than others. */
    private static String decoded(String key) {
        String last = key;
        for (int again = 0; again < 4; again++) {
            String next = PERCENT.matcher(last).replaceAll(run -> Matcher.quoteReplacement(text(run.group())));
            if (next.equals(last)) {
                break;
            }
            last = next;
        }
        return last;
    }

    private static String text(String percents) {
        byte[] bytes = HexFormat.of().parseHex(percents.replace("%", ""));
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
