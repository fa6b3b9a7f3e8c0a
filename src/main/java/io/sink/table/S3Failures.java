package io.sink.table;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Interprets exceptions of the AWS SDK without the SDK on the class path: whether S3 failed, with which status, and
 * which permission the request needs.
 */
final class S3Failures {
    private static final String SDK = "software.amazon.awssdk.";
    private static final String SERVICES = SDK + "services.";
    private static final String S3 = SERVICES + "s3.";
    private static final String ICEBERG_S3 = "org.apache.iceberg.aws.s3.";

    /** Parts of the messages of S3, STS and others about a request whose date is too far from their own time. */
    private static final List<String> SKEWED =
            List.of("request time and the current time", "Signature expired", "Signature not yet current");

    /** Error codes of credentials that have ended. S3 answers with status 400, STS and others with 403. */
    private static final Set<String> OLD = Set.of("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired");

    private static final Set<String> ELSEWHERE =
            Set.of("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException");

    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** The permission that each request needs, by the name of the client's method in lower case. */
    private static final Map<String, String> PERMISSIONS = Map.ofEntries(
            Map.entry("listobjectsv2", "s3:ListBucket"),
            Map.entry("headbucket", "s3:ListBucket"),
            Map.entry("getobject", "s3:GetObject"),
            Map.entry("headobject", "s3:GetObject"),
            Map.entry("putobject", "s3:PutObject"),
            Map.entry("createmultipartupload", "s3:PutObject"),
            Map.entry("uploadpart", "s3:PutObject"),
            Map.entry("completemultipartupload", "s3:PutObject"),
            Map.entry("listmultipartuploads", "s3:ListBucketMultipartUploads"),
            Map.entry("abortmultipartupload", "s3:AbortMultipartUpload"),
            Map.entry("deleteobject", "s3:DeleteObject"),
            Map.entry("deleteobjects", "s3:DeleteObject"),
            Map.entry("getobjecttagging", "s3:GetObjectTagging"),
            Map.entry("putobjecttagging", "s3:PutObjectTagging"));

    private S3Failures() {}

    static boolean isOfSdk(Throwable failure) {
        return failure.getClass().getName().startsWith(SDK);
    }

    /** Whether S3 answered with this failure or could not be reached. Other services of the SDK are catalogs. */
    static boolean isOfS3(Throwable failure) {
        if (lacksLength(failure)) {
            return true;
        }
        String type = failure.getClass().getName();
        if (type.startsWith(SERVICES)) {
            return type.startsWith(S3);
        }
        return type.startsWith(SDK)
                && Arrays.stream(failure.getStackTrace())
                        .map(StackTraceElement::getClassName)
                        .filter(frame -> frame.startsWith(SERVICES))
                        .allMatch(frame -> frame.startsWith(S3));
    }

    /**
     * Whether the answer to a HEAD request has no length, which Iceberg's input file assumes that it has.
     */
    private static boolean lacksLength(Throwable failure) {
        return failure instanceof NullPointerException
                && Arrays.stream(failure.getStackTrace())
                        .limit(1)
                        .anyMatch(frame -> frame.getClassName().startsWith(ICEBERG_S3)
                                && frame.getMethodName().equals("getLength"));
    }

    /** Whether there were no credentials to sign a request with. */
    static boolean lacksCredentials(Throwable failure) {
        return isOfSdk(failure) && String.valueOf(failure.getMessage()).startsWith("Unable to load credentials");
    }

    /** Whether it is not known in which region a bucket is to be looked for. */
    static boolean lacksRegion(Throwable failure) {
        return isOfSdk(failure) && String.valueOf(failure.getMessage()).startsWith("Unable to load region");
    }

    /** Whether the credentials were valid once and are not any more. */
    static boolean hasOldCredentials(Throwable failure) {
        return isOfSdk(failure) && OLD.contains(code(failure));
    }

    /** S3's own code of an error, such as {@code SlowDown}; empty if there is none. */
    private static String code(Throwable failure) {
        try {
            Object details = failure.getClass().getMethod("awsErrorDetails").invoke(failure);
            Object code = details.getClass().getMethod("errorCode").invoke(details);
            return code == null ? "" : code.toString();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return "";
        }
    }

    /** The HTTP status; 0 if there is none. */
    static int status(Throwable failure) {
        try {
            return isOfSdk(failure)
                    ? (int) failure.getClass().getMethod("statusCode").invoke(failure)
                    : 0;
        } catch (ReflectiveOperationException | ClassCastException e) {
            return 0;
        }
    }

    /** Whether S3 was asked for bytes beyond the end of an object; for an empty object, any bytes are. */
    static boolean isBeyondTheEnd(Throwable failure) {
        for (Throwable cause : Causes.of(failure)) {
            if (status(cause) == RANGE_NOT_SATISFIABLE) {
                return true;
            }
        }
        return false;
    }

    /** The sentence to report in place of the SDK's message; null to keep that. */
    static @Nullable String advice(Throwable failure) {
        if (lacksCredentials(failure)) {
            return "no credentials for S3: set s3.access-key-id and s3.secret-access-key of the catalog, or"
                    + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile";
        }
        if (lacksRegion(failure)) {
            return "no region for S3: set client.region of the catalog, or AWS_REGION";
        }
        if (lacksLength(failure)) {
            return "the answer of S3 to a HEAD request has no Content-Length: it was cut on its way";
        }
        return isOfSdk(failure) ? ofAnswer(failure, code(failure)) : null;
    }

    private static @Nullable String ofAnswer(Throwable failure, String code) {
        String message = String.valueOf(failure.getMessage());
        String told = code.isEmpty() || message.contains(code) ? message : code + ": " + message;
        if (code.equals("RequestTimeTooSkewed") || SKEWED.stream().anyMatch(message::contains)) {
            Instant now = Instant.now();
            return serverTime(failure)
                    .map(there -> ClockSkew.ofServer("S3", there, now))
                    .orElseGet(() ->
                            "the clock of this host differs from that of S3 by more than S3 accepts (15 minutes): here"
                                    + " it is " + now.truncatedTo(ChronoUnit.SECONDS) + "; set it right, as by NTP");
        }
        if (OLD.contains(code)) {
            return "the credentials for S3 have ended: " + told
                    + "; give the run some that are renewed, or that last longer";
        }
        if (isOfS3(failure) && ELSEWHERE.contains(code)) {
            return "the bucket is not where it was looked for: " + told
                    + "; set client.region, or s3.endpoint, of the catalog to that of the bucket";
        }
        if (isOfS3(failure) && status(failure) == 403) {
            return told
                    + permission(failure)
                            .map(name -> "; the request needs " + name)
                            .orElse("");
        }
        return told.equals(message) ? null : told;
    }

    /** When the server answered, by its own clock. */
    private static Optional<Instant> serverTime(Throwable failure) {
        try {
            Object details = failure.getClass().getMethod("awsErrorDetails").invoke(failure);
            Object answer = details.getClass().getMethod("sdkHttpResponse").invoke(details);
            Optional<?> date = (Optional<?>) Class.forName(SDK + "http.SdkHttpHeaders", false, loaderOf(answer))
                    .getMethod("firstMatchingHeader", String.class)
                    .invoke(answer, "Date");
            return date.map(String::valueOf)
                    .map(text -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static ClassLoader loaderOf(Object object) {
        return object.getClass().getClassLoader();
    }

    private static Optional<String> permission(Throwable failure) {
        return Arrays.stream(failure.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith(S3))
                .map(frame -> PERMISSIONS.get(frame.getMethodName().toLowerCase(Locale.ROOT)))
                .filter(name -> name != null)
                .findFirst();
    }
}
