package io.sink.table;

import com.fasterxml.jackson.core.JacksonException;
import io.sink.engine.MemoryBudgetException;
import io.sink.outcome.Reason;
import io.sink.outcome.UnsupportedFeatureException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.jdbc.UncheckedSQLException;
import org.jspecify.annotations.Nullable;

/** Turns exceptions into published reasons and into sentences. */
public final class Failures {
    /** Longest message, in characters: a proxy's page in place of an answer may be of any length. */
    private static final int LONGEST = 1_000;

    /** How much of a message is looked at: patterns take the square of the time, and a name may have megabytes. */
    private static final int READ = 10 * LONGEST;

    /** SQLite's error code; extended codes have it in their lowest byte. */
    private static final int SQLITE_BUSY = 5;

    private static final List<String> NO_ROOM =
            List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

    /** The format of Parquet's headers. */
    private static final String THRIFT = "shaded.parquet.org.apache.thrift.";

    private static final String NO_CATALOG =
            "the server answered with a page of HTML and not with JSON: check uri, which may be that of a proxy or a"
                    + " console";
    private static final Pattern PAGE = Pattern.compile("<(!doctype|html|head|body)\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern TITLE = Pattern.compile("<title[^>]*>([^<]+)", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_TITLE = 120;

    /** An input file in messages of Parquet's reader, which shows a hash that differs each time instead of the name. */
    private static final Pattern OBJECT = Pattern.compile("[\\w.$]+InputFile@[0-9a-f]+");

    /** What Iceberg makes of the errors of RFC 6749, but for {@code invalid_client}. */
    private static final Pattern TOKEN_REFUSED = Pattern.compile(
            "^Malformed request: (invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope)\\b");

    private Failures() {}

    /**
     * The reason for a failure, if one of its causes tells it: permission, connection, storage and the like.
     *
     * @param otherwise the reason if no cause tells one
     */
    public static Reason reason(Throwable failure, Reason otherwise) {
        if (unloaded(failure) != null) {
            return Reason.PERMISSION_DENIED;
        }
        for (Throwable cause : Causes.of(failure)) {
            if (isPermission(cause)) {
                return Reason.PERMISSION_DENIED;
            }
            if (cause instanceof UnreadableMetadataException) {
                return Reason.METADATA_UNREADABLE;
            }
            if (cause instanceof UnsupportedFeatureException) {
                return Reason.UNSUPPORTED_FEATURE;
            }
            if (cause instanceof MemoryBudgetException) {
                return Reason.MEMORY_BUDGET;
            }
            if (cause instanceof NoSuchTableException) {
                return Reason.NO_TABLE;
            }
            if (isMissing(cause)) {
                return Reason.MISSING_FILE;
            }
            if (isFull(cause)) {
                return Reason.STORAGE_ERROR;
            }
            if (S3Failures.isOfS3(cause) || CloudFailures.isOfSdk(cause)) {
                return Reason.STORAGE_ERROR;
            }
            if (isCatalog(cause)) {
                return Reason.CATALOG_UNREACHABLE;
            }
        }
        return otherwise;
    }

    /** The reason for a table that could not be loaded. */
    public static Reason loadReason(Throwable failure) {
        if (failure instanceof NoSuchTableException || failure instanceof NoSuchNamespaceException) {
            return Reason.NO_TABLE;
        }
        for (Throwable cause : Causes.of(failure)) {
            if (cause instanceof NotFoundException
                    || cause instanceof com.fasterxml.jackson.core.JacksonException
                    || (cause instanceof IllegalArgumentException && !CloudFailures.isBadCredential(cause))
                    || cause instanceof ValidationException
                    || S3Failures.isBeyondTheEnd(cause)
                    || (cause instanceof NullPointerException && !S3Failures.isOfS3(cause))) {
                return Reason.METADATA_UNREADABLE;
            }
        }
        if (unloaded(failure) != null) {
            return Reason.PERMISSION_DENIED;
        }
        if (failure instanceof LinkageError) {
            return Reason.STORAGE_ERROR; // a storage or an engine that is not on the class path
        }
        Reason reason = reason(failure, Reason.METADATA_UNREADABLE);
        if (reason == Reason.METADATA_UNREADABLE && failure instanceof RuntimeIOException) {
            return Reason.STORAGE_ERROR;
        }
        return reason;
    }

    /**
     * Whether an SQLite database was locked by others for longer than the busy timeout. The statement then had no
     * effect, unlike after a database server's timeout: SQLite rolls back a statement that it ends with BUSY.
     */
    public static boolean isBusyDatabase(Throwable failure) {
        for (Throwable cause : Causes.of(failure)) {
            if (cause instanceof SQLException sql
                    && sql.getClass().getName().startsWith("org.sqlite.")
                    && (sql.getErrorCode() & 0xff) == SQLITE_BUSY) {
                return true;
            }
        }
        return false;
    }

    /** What went wrong, in one line: the exception's message, and those of its causes that add something. */
    public static String message(Throwable failure) {
        String unloaded = unloaded(failure);
        if (unloaded != null) {
            return unloaded;
        }
        StringBuilder text = new StringBuilder();
        for (Throwable cause : Causes.of(failure)) {
            if (onlyWraps(cause)) {
                continue;
            }
            String more = added(cause, text);
            if (text.isEmpty()) {
                text.append(more);
            } else if (text.indexOf(more) < 0 && text.length() < 600) {
                text.append(": ").append(more);
            }
        }
        String line = text.toString().replaceAll("\\s*\\R\\s*", " ").strip();
        return cut(line, LONGEST);
    }

    /** What the failure says, without a path that was said before. */
    private static String added(Throwable failure, CharSequence before) {
        String more = own(failure);
        String message = failure.getMessage();
        if (message == null
                || !more.endsWith(": " + message)
                || !before.toString().contains(message)) {
            return more;
        }
        boolean known = isMissing(failure) && before.toString().contains("No such file");
        return known ? message : more.substring(0, more.length() - message.length() - 2);
    }

    /** Whether all that it says is its cause, with the name of its class. */
    private static boolean onlyWraps(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause != null
                && cause.getCause() != failure
                && cause.getMessage() != null
                && cause.toString().equals(failure.getMessage());
    }

    /**
     * The advice if the failure is that a native library could not be loaded.
     *
     * @return a sentence that names the directory and what to set; null for any other failure
     */
    public static @Nullable String unloaded(Throwable failure) {
        return Causes.of(failure).stream()
                .map(NativeLibraries::advice)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Replaces an HTML page, which shows that there is no catalog, by a sentence and its title. */
    private static String withoutPage(String message) {
        if (message.startsWith("Unexpected character ('<'")) {
            return NO_CATALOG;
        }
        Matcher page = PAGE.matcher(message);
        if (!page.find()) {
            return message;
        }
        Matcher title = TITLE.matcher(message);
        String before = message.substring(0, page.start()).strip();
        return (before.isEmpty() ? "" : before + " ")
                + NO_CATALOG
                + (title.find() ? " (its title: " + cut(title.group(1).strip(), LONGEST_TITLE) + ")" : "");
    }

    /** Cuts a text and adds an ellipsis, by which redaction knows that a secret may have been cut. */
    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + " …";
    }

    /**
     * Whether the catalog no longer has the table, or has another one under its name. Catalog clients report that with
     * different exceptions.
     */
    public static boolean isGone(Throwable failure) {
        for (Throwable cause : Causes.of(failure)) {
            if (cause instanceof NoSuchTableException
                    || cause instanceof NoSuchNamespaceException
                    || String.valueOf(cause.getMessage()).startsWith("Table UUID does not match")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a requested file does not exist. */
    private static boolean isMissing(Throwable cause) {
        return cause instanceof NotFoundException
                || cause instanceof NoSuchFileException
                || cause instanceof FileNotFoundException
                || S3Failures.status(cause) == 404
                || CloudFailures.status(cause) == 404;
    }

    /** Whether the same request would fail in the same way: it is refused, or cannot even be made. */
    public static boolean isLasting(Throwable failure) {
        return Causes.of(failure).stream()
                .anyMatch(
                        cause -> isPermission(cause) || S3Failures.lacksRegion(cause) || cause instanceof LinkageError);
    }

    /** Whether bytes were read that are no header or footer of Parquet, which its library calls a failure to read. */
    public static boolean isDamage(Throwable failure) {
        return Causes.of(failure).stream()
                .anyMatch(cause -> cause.getClass().getName().startsWith(THRIFT));
    }

    /** Whether a local disk is full, which the operating system tells only in words. */
    private static boolean isFull(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return cause instanceof IOException && NO_ROOM.stream().anyMatch(message::contains);
    }

    private static String own(Throwable failure) {
        String advice = S3Failures.advice(failure);
        if (advice != null) {
            return advice;
        }
        String message = failure.getMessage() == null ? null : LibraryAdvice.without(cut(failure.getMessage(), READ));
        if (message == null || message.isBlank() || message.equals("null")) {
            return failure.getClass().getSimpleName();
        }
        message = OBJECT.matcher(message).replaceAll("it");
        // Their messages are only a path, or nothing, so the name of the class is needed.
        boolean bare = failure instanceof java.io.IOException || failure instanceof NullPointerException;
        boolean json = failure instanceof JacksonException;
        return bare && !json ? failure.getClass().getSimpleName() + ": " + message : withoutPage(message);
    }

    private static boolean isPermission(Throwable cause) {
        return cause instanceof ForbiddenException
                || cause instanceof NotAuthorizedException
                || cause instanceof AccessDeniedException
                || S3Failures.status(cause) == 403
                || S3Failures.status(cause) == 401
                || CloudFailures.status(cause) == 403
                || CloudFailures.status(cause) == 401
                || CloudFailures.isBadCredential(cause)
                || (cause instanceof BadRequestException
                        && TOKEN_REFUSED.matcher(text(cause)).find())
                || S3Failures.lacksCredentials(cause)
                || S3Failures.hasOldCredentials(cause);
    }

    private static String text(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    private static boolean isCatalog(Throwable cause) {
        return cause instanceof ConnectException
                || cause instanceof UnknownHostException
                || cause instanceof HttpTimeoutException
                || cause instanceof ServiceUnavailableException
                || cause instanceof ServiceFailureException
                || cause instanceof UncheckedSQLException
                || cause instanceof SQLException
                || cause instanceof SocketException
                || cause.getClass() == RESTException.class;
    }
}
