package lib;

import static java.util.Map.entry;

import io.sink.testing.S3Policy;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What {@code src/docs/permissions.md} gives each command on S3, for the path table {@code exports/t}. */
public final class Privileges {
    public static final String METADATA = "exports/t/metadata/.*";
    public static final String PROBE = "exports/\\.sink-probe-.*";

    private static final String TABLE = "exports/t/.*";
    private static final String DATA = "exports/t/data/.*";

    /** Of every command that changes nothing. */
    public static final S3Policy READING =
            new S3Policy(List.of(entry("s3:ListBucket", ""), entry("s3:GetObject", TABLE)));

    /** Of {@code orphans --delete}. */
    public static final S3Policy SWEEPING = and(READING, entry("s3:DeleteObject", TABLE));

    /** Of {@code maintain}. */
    public static final S3Policy EXPIRING = and(
            SWEEPING, entry("s3:PutObject", METADATA), entry("s3:PutObject", PROBE), entry("s3:DeleteObject", PROBE));

    /** Of {@code maintain --compact} and {@code check --connect}. */
    public static final S3Policy COMPACTING = and(EXPIRING, entry("s3:PutObject", DATA));

    private Privileges() {}

    @SafeVarargs
    private static S3Policy and(S3Policy policy, Map.Entry<String, String>... more) {
        return new S3Policy(
                Stream.concat(policy.allowed().stream(), Stream.of(more)).toList());
    }
}
