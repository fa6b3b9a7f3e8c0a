package io.sink.table;

import java.nio.file.Path;
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
public record Spelling(@Nullable String blobRoot) {
    /** The property of a table's FileIO that says where {@code blob://} is. */
    private static final String BLOB_ROOT = "blob-root";

    private static final String BLOB = "blob://";
    private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);

    /** How the files of this storage are spelled. */
    public static Spelling of(FileIO io) {
        try {
            return new Spelling(io.properties().get(BLOB_ROOT));
        } catch (UnsupportedOperationException withoutProperties) {
            return new Spelling(null);
        }
    }

    /** The one spelling of a path. */
    public String normal(String path) {
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
            case "file" -> localPath(rest);
            case "s3a", "s3n" -> "s3:" + rest;
            case "abfs", "wasb", "wasbs" -> "abfss:" + rest.replaceFirst("\\.blob\\.", ".dfs.");
            default -> scheme + ":" + rest;
        };
    }

    private static String localPath(String path) {
        return Path.of(path.replaceFirst("^/+", "/")).normalize().toString();
    }
}
