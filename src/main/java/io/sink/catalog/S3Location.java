package io.sink.catalog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.exceptions.ValidationException;

/**
 * A location on S3. A key is a string, not a path: doubled slashes are part of it, and nothing is decoded.
 *
 * @param bucket the bucket's name
 * @param key the key, without a leading slash; may be empty, may end with a slash
 */
record S3Location(String bucket, String key) {

    private static final Pattern URI =
            Pattern.compile("(?:s3|s3a|s3n)://([^/]+)(?:/(.*))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    static boolean isS3(String location) {
        return URI.matcher(location).matches();
    }

    /**
     * Parses a location.
     *
     * @throws ValidationException if it is not {@code s3://<bucket>[/<key>]}; {@code s3a} and {@code s3n} are the same
     */
    static S3Location of(String location) {
        Matcher uri = URI.matcher(location);
        ValidationException.check(uri.matches(), "Not a location on S3: %s", location);
        return new S3Location(uri.group(1), uri.group(2) == null ? "" : uri.group(2));
    }

    /** The same location as a directory: its key ends with one slash, or is empty for the root of the bucket. */
    S3Location directory() {
        return new S3Location(bucket, key.isEmpty() ? "" : key.replaceFirst("/+$", "") + "/");
    }

    S3Location child(String name) {
        return new S3Location(bucket, directory().key() + name);
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + key;
    }
}
