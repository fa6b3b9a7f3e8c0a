package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StoppedException;
import io.sink.outcome.Reason;
import io.sink.table.Causes;
import io.sink.table.Failures;
import java.io.EOFException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.orc.FileFormatException;
import org.apache.orc.protobuf.InvalidProtocolBufferException;

/**
 * A group that stays as it is, because one of its files cannot be rewritten.
 *
 * @param index the group's number in its plan
 * @param reason the reason that the table gets if none of its groups can be rewritten
 * @param detail names the file, and what is wrong with it
 * @param announced locations of every file that was begun for the group
 */
public record UnreadableGroup(int index, Reason reason, String detail, List<String> announced) implements GroupEnd {
    public UnreadableGroup {
        announced = List.copyOf(announced);
    }

    /**
     * The end of a group after this failure; empty if the failure concerns every group: storage, permission, memory, a
     * stop. A failed proof always concerns every group, since it may be a fault of this program.
     *
     * @param otherwise the reason if the failure does not tell one
     */
    static Optional<UnreadableGroup> of(
            FileGroup group, RuntimeException failure, Reason otherwise, List<String> announced) {
        if (failure instanceof StoppedException
                || failure instanceof CancellationException
                || failure instanceof ProofFailedException) {
            return Optional.empty();
        }
        Reason reason = Failures.reason(failure, otherwise);
        boolean ofItsFiles = has(failure, NotFoundException.class)
                || switch (reason) {
                    case REWRITE_ERROR, METADATA_UNREADABLE, UNSUPPORTED_FEATURE ->
                        !(failure instanceof RuntimeIOException)
                                || has(failure, EOFException.class)
                                || has(failure, FileFormatException.class)
                                || has(failure, InvalidProtocolBufferException.class);
                    default -> false;
                };
        return ofItsFiles
                ? Optional.of(new UnreadableGroup(group.index(), reason, Failures.message(failure), announced))
                : Optional.empty();
    }

    /** Whether the failure or a cause is of this kind. Those above mean a damaged file; others may be storage. */
    private static boolean has(Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable cause : Causes.of(failure)) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
