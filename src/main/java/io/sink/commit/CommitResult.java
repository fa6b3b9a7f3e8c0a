package io.sink.commit;

/** How a single commit attempt ended, after the table was read again if the answer left a doubt. */
public sealed interface CommitResult {

    /** The change is in the table. */
    record Committed() implements CommitResult {}

    /** Another writer won: the change is not in the table and cannot come into it any more. */
    record Conflict(RuntimeException cause) implements CommitResult {}

    /** The catalog refused the change for good, for example for lack of permission: it is not in the table. */
    record Rejected(RuntimeException cause) implements CommitResult {}

    /**
     * The catalog refused the change, and has no such table any more, or another one under its name. Nothing may be
     * deleted: a table that was renamed may have it.
     */
    record Gone(RuntimeException cause) implements CommitResult {}

    /** It is unknown whether the change is or will be in the table. Nothing may be deleted on this answer. */
    record Unknown(RuntimeException cause) implements CommitResult {}
}
