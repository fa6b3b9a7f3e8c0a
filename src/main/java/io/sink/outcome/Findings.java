package io.sink.outcome;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an action found, beside what it did.
 *
 * @param byPrefix where the files lie that the action deleted or would delete
 * @param snapshots figures of the snapshots that were looked at
 * @param problems what is wrong with the table, each a sentence that names the file
 * @param problemsOmitted more of them, which are counted and not listed
 * @param inspection the state of the table, or null
 * @param groups data files that were rewritten together, or would be
 */
public record Findings(
        List<Share> byPrefix,
        List<SnapshotFigures> snapshots,
        List<String> problems,
        long problemsOmitted,
        @Nullable Inspection inspection,
        Groups groups) {
    /** Nothing was found. */
    public static final Findings NONE = new Findings(List.of(), List.of(), List.of(), 0, null, Groups.NONE);

    public Findings {
        byPrefix = List.copyOf(byPrefix);
        snapshots = List.copyOf(snapshots);
        problems = List.copyOf(problems);
    }

    /** Where files lie, and nothing else. */
    public static Findings byPrefix(List<Share> shares) {
        return new Findings(shares, List.of(), List.of(), 0, null, Groups.NONE);
    }

    /** The state of the table, and nothing else. */
    public static Findings of(Inspection inspection) {
        return new Findings(List.of(), List.of(), List.of(), 0, inspection, Groups.NONE);
    }

    /** Groups of data files, and nothing else. */
    public static Findings of(Groups groups) {
        return new Findings(List.of(), List.of(), List.of(), 0, null, groups);
    }

    /**
     * Data files that were rewritten together, or would be.
     *
     * @param listed in the order of the plan
     * @param omitted more of them, which are counted and not listed
     */
    public record Groups(List<Group> listed, long omitted) {
        /** More groups than this of one action are counted and not listed. */
        public static final int MOST = 1_000;

        static final Groups NONE = new Groups(List.of(), 0);

        public Groups {
            listed = List.copyOf(listed);
        }
    }

    /**
     * Data files that were rewritten together, or would be.
     *
     * @param partition their partition, as in the path of a file of it; empty if the table has none, and null if they
     *     are of several
     * @param files how many there are
     * @param bytes their bytes
     * @param deleteFiles delete files that were applied to them
     * @param filesAfter files written in their place, or expected
     * @param bytesAfter bytes of those; null if they are not written
     * @param rewriter how they are rewritten
     * @param why the reason for that
     */
    public record Group(
            @Nullable String partition,
            long files,
            long bytes,
            long deleteFiles,
            long filesAfter,
            @Nullable Long bytesAfter,
            String rewriter,
            String why) {}

    /** Number and total bytes of the files under one prefix. */
    public record Share(String prefix, long files, long bytes) {}

    /**
     * Figures of a snapshot from its manifests, and from its rows if they were read.
     *
     * @param records rows of its data files, deleted ones included
     * @param rows rows that a reader sees; null if they were not read
     * @param fingerprint fingerprint of those rows, independent of their order; null if it was not asked for
     */
    public record SnapshotFigures(
            long id,
            Instant committedAt,
            long dataFiles,
            long deleteFiles,
            long records,
            @Nullable Long rows,
            @Nullable String fingerprint) {}
}
