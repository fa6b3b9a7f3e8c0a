package io.sink.rollback;

import io.sink.action.StopSignal;
import io.sink.storage.FileChecks;
import io.sink.table.Ancestry;
import io.sink.table.FileKind;
import io.sink.table.Manifests;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/**
 * The files of a snapshot, its statistics among them, after a look at each.
 *
 * @param checked files that were looked at
 * @param problems a sentence for each of the first files that are missing or have another length
 * @param wrong how many files are missing or have another length
 */
record TargetFiles(long checked, List<String> problems, long wrong) {
    private static final int MOST_LISTED = 100;

    TargetFiles {
        problems = List.copyOf(problems);
    }

    /**
     * Looks at every file of the snapshot.
     *
     * @throws RuntimeException if a manifest or its list cannot be read, or the storage does not tell whether a file
     *     exists
     */
    static TargetFiles of(Snapshot snapshot, TableMetadata metadata, FileIO io, StopSignal stop) {
        List<String> problems = new ArrayList<>();
        long[] wrong = new long[1];
        FileChecks checks = new FileChecks(io, problem -> {
            wrong[0]++;
            if (problems.size() < MOST_LISTED) {
                problems.add(problem);
            }
        });
        if (snapshot.manifestListLocation() != null) {
            checks.add(snapshot.manifestListLocation(), FileKind.MANIFEST_LIST, null);
        }
        List<ManifestFile> manifests = new ArrayList<>();
        Manifests.of(Ancestry.of(metadata), snapshot, io, manifests::add);
        for (ManifestFile manifest : manifests) {
            stop.check();
            checks.add(manifest.path(), FileKind.MANIFEST, manifest.length());
            FileKind kind = manifest.content() == ManifestContent.DATA ? FileKind.DATA : FileKind.DELETE;
            Manifests.liveFiles(
                    manifest,
                    io,
                    metadata.specsById(),
                    file -> checks.add(file.location(), kind, file.fileSizeInBytes()));
        }
        metadata.statisticsFiles().stream()
                .filter(file -> file.snapshotId() == snapshot.snapshotId())
                .forEach(file -> checks.add(file.path(), FileKind.STATISTICS, file.fileSizeInBytes()));
        metadata.partitionStatisticsFiles().stream()
                .filter(file -> file.snapshotId() == snapshot.snapshotId())
                .forEach(file -> checks.add(file.path(), FileKind.STATISTICS, file.fileSizeInBytes()));
        checks.finish();
        return new TargetFiles(checks.checked(), problems, wrong[0]);
    }

    List<String> some(int most) {
        return problems.subList(0, Math.min(most, problems.size()));
    }
}
