package io.sink.inspect;

import io.sink.action.Subject;
import io.sink.outcome.Inspection;
import io.sink.table.DanglingDeletes;
import io.sink.table.Manifests;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** One look at a table: reads every manifest of every snapshot, and no data. */
final class Look {
    private static final List<String> COLUMNS = List.of(
            DataFile.CONTENT.name(),
            DataFile.FILE_PATH.name(),
            DataFile.FILE_FORMAT.name(),
            DataFile.RECORD_COUNT.name(),
            DataFile.FILE_SIZE.name());

    private static final int[] DAYS = {1, 7, 30, 90};

    private final Subject subject;
    private final TableMetadata metadata;
    private final FileIO io;
    private final SizeHistogram sizes = new SizeHistogram();
    private long records;
    private long positionDeletes;
    private long equalityDeletes;
    private long vectors;
    private long deletedRecords;
    private long manifests;
    private long manifestBytes;

    Look(Subject subject) {
        this.subject = subject;
        this.metadata = subject.ops().current();
        this.io = subject.ops().io();
    }

    /** @throws RuntimeException if a manifest or a list cannot be read */
    Inspection inspection() {
        Snapshot current = metadata.currentSnapshot();
        Long danglingDeletes = 0L;
        if (current != null) {
            List<ManifestFile> named = new ArrayList<>();
            Manifests.counted(current, io, named::add);
            named.forEach(this::add);
            if (positionDeletes + equalityDeletes + vectors > 0) {
                danglingDeletes = dangling(current);
            }
        }
        return new Inspection(
                sizes.files(),
                sizes.bytes(),
                records,
                sizes.buckets(),
                new Inspection.Deletes(positionDeletes, equalityDeletes, vectors, deletedRecords, danglingDeletes),
                ages(),
                new RetainedBytes(metadata, io, subject.now(), subject.stop()::check).pins(),
                manifests,
                manifestBytes,
                metadataBytes());
    }

    private void add(ManifestFile manifest) {
        subject.stop().check();
        manifests++;
        manifestBytes += manifest.length();
        Manifests.liveFiles(manifest, io, metadata.specsById(), COLUMNS, this::add);
    }

    private void add(ContentFile<?> file) {
        if (file instanceof DeleteFile) {
            deletedRecords += file.recordCount();
            if (file.content() == FileContent.EQUALITY_DELETES) {
                equalityDeletes++;
            } else if (file.format() == FileFormat.PUFFIN) {
                vectors++;
            } else {
                positionDeletes++;
            }
        } else {
            records += file.recordCount();
            sizes.add(file.fileSizeInBytes());
        }
    }

    /** Null if delete files cannot be read, as those of other writers may be: the rest of the look is worth having. */
    private @Nullable Long dangling(Snapshot current) {
        try {
            return (long) DanglingDeletes.of(new BaseTable(subject.ops(), subject.name()), current)
                    .files()
                    .size();
        } catch (RuntimeException unreadable) {
            return null;
        }
    }

    private List<Inspection.Age> ages() {
        int[] counts = new int[DAYS.length + 1];
        for (Snapshot snapshot : metadata.snapshots()) {
            long days = Duration.between(Instant.ofEpochMilli(snapshot.timestampMillis()), subject.now())
                    .toDays();
            int at = 0;
            while (at < DAYS.length && days >= DAYS[at]) {
                at++;
            }
            counts[at]++;
        }
        List<Inspection.Age> ages = new ArrayList<>();
        for (int at = 0; at < counts.length; at++) {
            ages.add(new Inspection.Age(at < DAYS.length ? DAYS[at] : null, counts[at]));
        }
        return ages;
    }

    private @Nullable Long metadataBytes() {
        if (metadata.metadataFileLocation() == null) {
            return null;
        }
        try {
            return io.newInputFile(metadata.metadataFileLocation()).getLength();
        } catch (NotFoundException replacedMeanwhile) {
            return null;
        }
    }
}
