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
 * One spelling for what names the same place, so that a file is known under every name that a table gives it.
 *
 * <p>A scheme in any case, s3a and s3n for s3, the four names of Azure's storage, a file URI for a path, a
 * {@code blob://} key for its place, and on local disk doubled slashes, {@code .} and {@code ..}. Nothing is decoded.
 *
 * @param blobRoot what {@code blob://} keys are relative to, or null
 */
public record LocationNormalizer(@Nullable String blobRoot) {
    /** The property of a table's FileIO that says where {@code blob://} is. */
    private static final String BLOB_ROOT = "blob-root";

    private static final String BLOB = "blob://";
    private static final Pattern PERCENT = Pattern.compile("(%[0-9A-Fa-f]{2})+");
    private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);

    /** How the files of this storage are spelled. */
    public static LocationNormalizer of(FileIO io) {
        try {
            return new LocationNormalizer(io.properties().get(BLOB_ROOT));
        } catch (UnsupportedOperationException withoutProperties) {
            return new LocationNormalizer(null);
        }
    }

    /** The one spelling of a path. */
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
     * Whether both surely name one file: doubled slashes aside, which writers add and leave out, they are spelled
     * alike.
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

    /** The two forms that nearly every path has, told without a regular expression. */
    private static boolean isNormal(String path) {
        return path.startsWith("s3://")
                || (path.startsWith("/") && !path.contains("//") && !path.contains("/.") && !path.endsWith("/"));
    }

    /**
     * What every location is that some storage, client or proxy could take for this one: cut at {@code ?} and {@code #}
     * where storage is remote, percent-decoded, without doubled slashes and dots, composed, in one case; on local disk
     * absolute, and behind the links that lead there. Two locations that fold to the same may be one file; two that do
     * not are two files.
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

    /** Whether nothing but the case of letters is to be folded. */
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

    /** Percent forms decoded, as often as any are left: some clients encode once more than others. */
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
