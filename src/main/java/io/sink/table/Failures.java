package io.sink.table;

import io.sink.engine.MemoryBudgetException;
import io.sink.outcome.Reason;
import io.sink.outcome.UnsupportedFeatureException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.file.AccessDeniedException;
import java.sql.SQLException;
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

/** Turns exceptions into published reasons and into sentences. */
public final class Failures {
    /** SQLite's own number; the extended ones have it in their lowest byte. */
    private static final int SQLITE_BUSY = 5;

    private Failures() {}

    /**
     * The reason for a failure whose cause tells it apart wherever it happens: permission, connection, storage.
     *
     * @param otherwise the reason where the cause does not tell
     */
    public static Reason reason(Throwable failure, Reason otherwise) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
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
            if (S3Failures.isOfS3(cause)) {
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
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotFoundException
                    || cause instanceof com.fasterxml.jackson.core.JacksonException
                    || cause instanceof IllegalArgumentException
                    || cause instanceof ValidationException
                    || S3Failures.isBeyondTheEnd(cause)
                    || (cause instanceof NullPointerException && !S3Failures.isOfS3(cause))) {
                return Reason.METADATA_UNREADABLE;
            }
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
     * Whether an SQLite database was locked by others for longer than it was to be waited for. The statement was then
     * never executed, unlike after a database server's timeout: SQLite rolls back a statement that it ends with BUSY.
     */
    public static boolean isBusyDatabase(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getClass().getName().startsWith("org.sqlite.")
                    && (sql.getErrorCode() & 0xff) == SQLITE_BUSY) {
                return true;
            }
        }
        return false;
    }

    /** What went wrong in one line: the message of the exception, with its causes' where they add something. */
    public static String message(Throwable failure) {
        StringBuilder text = new StringBuilder(own(failure));
        Throwable last = failure;
        for (Throwable cause = failure.getCause(); cause != null && cause != last; cause = cause.getCause()) {
            String more = own(cause);
            if (text.indexOf(more) < 0 && text.length() < 600) {
                text.append(": ").append(more);
            }
            last = cause;
        }
        return text.toString().replaceAll("\\s*\\R\\s*", " ").strip();
    }

    private static String own(Throwable failure) {
        String advice = S3Failures.advice(failure);
        if (advice != null) {
            return advice;
        }
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        // These say nothing but a path, or nothing at all, without their names.
        boolean bare = failure instanceof java.io.IOException || failure instanceof NullPointerException;
        return bare ? failure.getClass().getSimpleName() + ": " + message : message;
    }

    private static boolean isPermission(Throwable cause) {
        return cause instanceof ForbiddenException
                || cause instanceof NotAuthorizedException
                || cause instanceof AccessDeniedException
                || S3Failures.status(cause) == 403
                || S3Failures.status(cause) == 401
                || S3Failures.lacksCredentials(cause);
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
