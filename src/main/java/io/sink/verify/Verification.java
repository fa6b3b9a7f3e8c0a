package io.sink.verify;

import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Findings.SnapshotFigures;
import io.sink.outcome.Reason;
import io.sink.rows.UnreadableFileException;
import io.sink.storage.FileChecks;
import io.sink.table.Ancestry;
import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.Manifests;
import io.sink.table.UnreadableMetadataException;
import io.sink.text.Human;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/** Checks one table against everything that its metadata says of it. */
final class Verification {
    private static final int MOST_NAMED = 20;

    private final Subject subject;
    private final TableOperations ops;
    private final TableMetadata metadata;
    private final Ancestry ancestry;
    private final Problems problems = new Problems();
    private final FileChecks files;
    private final Map<String, Contents> manifests = new HashMap<>();
    private final List<SnapshotFigures> figures = new ArrayList<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<String> damages = new HashSet<>();
    private final List<Long> broken = new ArrayList<>();
    private long rowsRead;

    Verification(Subject subject, TableOperations ops) {
        this.subject = subject;
        this.ops = ops;
        this.metadata = ops.current();
        this.ancestry = Ancestry.of(metadata);
        this.files = new FileChecks(ops.io(), problems::add);
    }

    /** What a manifest holds. */
    private record Contents(ManifestContent content, long files, long records) {
        static final Contents UNREADABLE = new Contents(ManifestContent.DATA, 0, 0);
    }

    /** @throws RuntimeException if files cannot be looked at */
    ActionResult of(VerifyPolicy.Rows rows) {
        Set<Long> wanted = wanted(rows);
        for (Snapshot snapshot : metadata.snapshots()) {
            if (ended()) {
                return stopped();
            }
            verify(snapshot, wanted.contains(snapshot.snapshotId()));
        }
        metadata.statisticsFiles().forEach(file -> files.add(file.path(), FileKind.STATISTICS, file.fileSizeInBytes()));
        metadata.partitionStatisticsFiles()
                .forEach(file -> files.add(file.path(), FileKind.STATISTICS, file.fileSizeInBytes()));
        metadata.previousFiles().forEach(entry -> files.add(entry.file(), FileKind.METADATA, null));
        if (metadata.metadataFileLocation() != null) {
            files.add(metadata.metadataFileLocation(), FileKind.METADATA, null);
        }
        files.finish();
        return ended() ? stopped() : result();
    }

    private boolean ended() {
        return subject.stop().stopped() || subject.stop().pastDeadline();
    }

    private ActionResult stopped() {
        return subject.stop().stopped()
                ? ActionResult.of(Reason.INTERRUPTED, "stopped before everything was looked at")
                : ActionResult.of(Reason.DEADLINE_REACHED, "not looked through before the deadline");
    }

    private Set<Long> wanted(VerifyPolicy.Rows rows) {
        Set<Long> wanted = new LinkedHashSet<>();
        switch (rows) {
            case NONE -> {}
            case CURRENT -> {
                SnapshotRef main = metadata.ref(SnapshotRef.MAIN_BRANCH);
                if (main != null) {
                    wanted.add(main.snapshotId());
                }
            }
            case REFS -> metadata.refs().values().forEach(ref -> wanted.add(ref.snapshotId()));
            case ALL -> metadata.snapshots().forEach(snapshot -> wanted.add(snapshot.snapshotId()));
        }
        return wanted;
    }

    private void verify(Snapshot snapshot, boolean readRows) {
        if (snapshot.manifestListLocation() != null) {
            files.add(snapshot.manifestListLocation(), FileKind.MANIFEST_LIST, null);
        }
        long[] sum = new long[3];
        boolean whole;
        try {
            List<ManifestFile> named = new ArrayList<>();
            Manifests.of(ancestry, snapshot, ops.io(), named::add);
            whole = named.stream()
                    .map(this::contents)
                    .map(contents -> add(sum, contents))
                    .reduce(true, (a, b) -> a && b);
        } catch (RuntimeException e) {
            unreadable(e, "the manifest list of snapshot " + snapshot.snapshotId());
            broken.add(snapshot.snapshotId());
            return;
        }
        if (!whole) {
            // What could be counted is not what it has.
            broken.add(snapshot.snapshotId());
            return;
        }
        holdAgainst(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP, sum[0]);
        holdAgainst(snapshot, SnapshotSummary.TOTAL_DELETE_FILES_PROP, sum[1]);
        holdAgainst(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP, sum[2]);
        SnapshotRows rows = readRows ? rows(snapshot) : null;
        figures.add(new SnapshotFigures(
                snapshot.snapshotId(),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                sum[0],
                sum[1],
                sum[2],
                rows == null ? null : rows.live(),
                rows == null ? null : rows.fingerprint()));
    }

    /** Adds to data files, delete files and records; whether the manifest could be read. */
    private static boolean add(long[] sum, Contents contents) {
        boolean data = contents.content() == ManifestContent.DATA;
        sum[data ? 0 : 1] += contents.files();
        sum[2] += data ? contents.records() : 0;
        return contents != Contents.UNREADABLE;
    }

    /** Compares a summary, and only notes a difference: readers do not depend on it. */
    private void holdAgainst(Snapshot snapshot, String property, long counted) {
        String said = snapshot.summary() == null ? null : snapshot.summary().get(property);
        if (said != null && !said.equals(Long.toString(counted))) {
            notes.add("the summary of snapshot %d says %s %s, its manifests have %d"
                    .formatted(snapshot.snapshotId(), property, said, counted));
        }
    }

    private @Nullable SnapshotRows rows(Snapshot snapshot) {
        try {
            SnapshotRows sum = SnapshotRows.of(
                    new BaseTable(ops, subject.name()), snapshot, this::ended, (file, e) -> damaged(file, snapshot, e));
            rowsRead += sum == null ? 0 : sum.read();
            return sum;
        } catch (UnsupportedOperationException e) {
            notes.add("rows of snapshot " + snapshot.snapshotId() + " not read: " + Failures.message(e));
        } catch (RuntimeException e) {
            if (!ended()) {
                unreadable(e, "the rows of snapshot " + snapshot.snapshotId());
            }
        }
        return null;
    }

    /** Reports a damaged file once, even if several snapshots have it. */
    private void damaged(DataFile file, Snapshot snapshot, RuntimeException e) {
        requireOfTheFile(e);
        String message = Failures.message(e);
        String named = e instanceof UnreadableFileException || message.contains(file.location())
                ? message
                : file.location() + ": " + message;
        if (damages.add(named)) {
            problems.add("%s (rows of snapshot %d)".formatted(named, snapshot.snapshotId()));
        }
    }

    private Contents contents(ManifestFile manifest) {
        Contents known = manifests.get(manifest.path());
        if (known == null) {
            known = read(manifest);
            manifests.put(manifest.path(), known);
        }
        return known;
    }

    private Contents read(ManifestFile manifest) {
        files.add(manifest.path(), FileKind.MANIFEST, manifest.length());
        FileKind kind = manifest.content() == ManifestContent.DATA ? FileKind.DATA : FileKind.DELETE;
        long[] counted = new long[2];
        try {
            Manifests.liveFiles(manifest, ops.io(), metadata.specsById(), file -> {
                counted[0]++;
                counted[1] += file.recordCount();
                files.add(file.location(), kind, file.fileSizeInBytes());
            });
        } catch (RuntimeException e) {
            unreadable(e, "manifest " + manifest.path());
            return Contents.UNREADABLE;
        }
        holdAgainst(manifest, "files", sum(manifest.addedFilesCount(), manifest.existingFilesCount()), counted[0]);
        holdAgainst(manifest, "rows", sum(manifest.addedRowsCount(), manifest.existingRowsCount()), counted[1]);
        return new Contents(manifest.content(), counted[0], counted[1]);
    }

    private static @Nullable Long sum(@Nullable Number added, @Nullable Number existing) {
        return added == null || existing == null ? null : added.longValue() + existing.longValue();
    }

    private void holdAgainst(ManifestFile manifest, String what, @Nullable Long said, long counted) {
        if (said != null && said != counted) {
            problems.add("%s: has %d live %s, its list says %d".formatted(manifest.path(), counted, what, said));
        }
    }

    private void unreadable(RuntimeException e, String what) {
        requireOfTheFile(e);
        problems.add(what + " cannot be read: " + Failures.message(e));
    }

    /** Throws a failure that says nothing of the file, such as a refusal or a lost connection. */
    private static void requireOfTheFile(RuntimeException e) {
        boolean ofTheFile = e instanceof UnreadableMetadataException
                || Failures.reason(e, Reason.VERIFY_FAILED) == Reason.MISSING_FILE;
        if (!ofTheFile && Failures.reason(e, Reason.VERIFY_FAILED) != Reason.VERIFY_FAILED) {
            throw e;
        }
    }

    private ActionResult result() {
        Effect effect = Effect.of(Counter.FILES_CHECKED, files.checked()).plus(Counter.ROWS_CHECKED, rowsRead);
        List<String> parts = new ArrayList<>();
        parts.add("%s of %s"
                .formatted(
                        Human.count(files.checked(), "file"),
                        Human.count(metadata.snapshots().size(), "snapshot")));
        if (problems.count() > 0) {
            parts.add(0, Human.count(problems.count(), "problem"));
        }
        if (!broken.isEmpty()) {
            parts.add("not whole, since a manifest or a list of it cannot be read: "
                    + (broken.size() == 1 ? "snapshot " : "snapshots ")
                    + broken.stream().limit(MOST_NAMED).map(String::valueOf).collect(Collectors.joining(", "))
                    + (broken.size() > MOST_NAMED ? " and " + (broken.size() - MOST_NAMED) + " more" : ""));
        }
        parts.addAll(notes);
        return new ActionResult(
                problems.count() == 0 ? Reason.VERIFIED : Reason.VERIFY_FAILED,
                String.join("; ", parts),
                effect,
                ActionResult.Files.NONE,
                null,
                new Findings(List.of(), figures, problems.listed(), problems.omitted(), null, Findings.NONE.groups()));
    }
}
