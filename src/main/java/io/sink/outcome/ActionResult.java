package io.sink.outcome;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one action on one table.
 *
 * @param reason why it ended so; its outcome follows from it
 * @param detail one sentence for a person, with the figures or the thing and its value; empty if the reason says all
 * @param effect what happened, or for a plan what would
 * @param files the files that the action deleted, staged or left behind
 * @param committedSnapshotId the snapshot that the action committed, or null
 * @param findings what it found, beside what it did
 * @param commit the requests to the catalog for the commit; null where none was sent, or where they are not counted
 */
public record ActionResult(
        Reason reason,
        String detail,
        Effect effect,
        Files files,
        @Nullable Long committedSnapshotId,
        Findings findings,
        @Nullable CommitRequests commit) {

    /** A result of an action that found nothing beside what it did. */
    public ActionResult(Reason reason, String detail, Effect effect, Files files, @Nullable Long committedSnapshotId) {
        this(reason, detail, effect, files, committedSnapshotId, Findings.NONE);
    }

    /** A result of an action that does not tell of its requests. */
    public ActionResult(
            Reason reason,
            String detail,
            Effect effect,
            Files files,
            @Nullable Long committedSnapshotId,
            Findings findings) {
        this(reason, detail, effect, files, committedSnapshotId, findings, null);
    }

    /**
     * Requests to the catalog for one commit, of which at most the last had an effect.
     *
     * @param attempts how many there were
     * @param windowMillis the time that the last took from when it read the table to the answer: a commit by others in
     *     this time makes it lose
     */
    public record CommitRequests(int attempts, long windowMillis) {}

    /** This result with what was found. */
    public ActionResult with(Findings found) {
        return new ActionResult(reason, detail, effect, files, committedSnapshotId, found, commit);
    }

    /** This result with what it took to commit it. */
    public ActionResult with(CommitRequests requests) {
        return new ActionResult(reason, detail, effect, files, committedSnapshotId, findings, requests);
    }

    /**
     * Paths by what became of them, each in full and sorted.
     *
     * @param staged files written for a commit
     * @param deleted files that were there and are gone
     * @param left files that should be gone and are still there, or that were left alone, each with the reason in
     *     parentheses
     * @param deletedOmitted more deleted files, which are counted and not listed
     * @param leftOmitted more files that were left, which are counted and not listed
     */
    public record Files(
            List<String> staged, List<String> deleted, List<String> left, long deletedOmitted, long leftOmitted) {

        /** No file was touched. */
        public static final Files NONE = new Files(List.of(), List.of(), List.of());

        /** All of the files, each listed. */
        public Files(List<String> staged, List<String> deleted, List<String> left) {
            this(staged, deleted, left, 0, 0);
        }

        public Files {
            staged = staged.stream().sorted().toList();
            deleted = deleted.stream().sorted().toList();
            left = left.stream().sorted().toList();
        }
    }

    /** A result that touched nothing. */
    public static ActionResult of(Reason reason, String detail) {
        return new ActionResult(reason, detail, Effect.NONE, Files.NONE, null);
    }

    /**
     * This result if it is a failure or left no file; else the same with reason {@code cleanup-incomplete}, since an
     * action that leaves files which should be gone is no success.
     */
    public ActionResult orIncomplete() {
        return files.left().isEmpty() || outcome() == Outcome.FAILED
                ? this
                : new ActionResult(
                        Reason.CLEANUP_INCOMPLETE,
                        reason.code() + ": " + detail,
                        effect,
                        files,
                        committedSnapshotId,
                        findings,
                        commit);
    }

    /** What came of the action, which follows from its reason. */
    public Outcome outcome() {
        return reason.outcome();
    }
}
