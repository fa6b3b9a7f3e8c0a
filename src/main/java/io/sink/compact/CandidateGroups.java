package io.sink.compact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;

/**
 * Iceberg's own choice and packing of files to rewrite, without the rules by which rewriting would never end.
 *
 * <p>A file is a candidate outside 75 to 180 % of the target size, or with any delete to apply
 * ({@code delete-file-threshold} 1). A group is worth a rewrite from {@code min-input-files} files on, or with a file
 * that has deletes or is to be split, whatever the number of files. Iceberg would also take any two candidates that
 * together exceed the target; their outputs can be candidates again, for ever.
 */
final class CandidateGroups extends BinPackRewriteFilePlanner {
    /** Oldest files first, so that a plan does not depend on the order in which manifests were read. */
    static final Comparator<FileScanTask> AGE = Comparator.<FileScanTask>comparingLong(
                    task -> task.file().dataSequenceNumber())
            .thenComparing(task -> task.file().location());

    private final long maxFileSize;

    CandidateGroups(Table table, long targetFileSize, int minInputFiles, long maxGroupSize) {
        super(table);
        this.maxFileSize = (long) (targetFileSize * MAX_FILE_SIZE_DEFAULT_RATIO);
        init(Map.of(
                TARGET_FILE_SIZE_BYTES, Long.toString(targetFileSize),
                MIN_INPUT_FILES, Integer.toString(minInputFiles),
                MAX_FILE_GROUP_SIZE_BYTES, Long.toString(maxGroupSize),
                DELETE_FILE_THRESHOLD, "1"));
    }

    /** Whether the file of this task, with the deletes of this task, is to be rewritten at all. */
    boolean isCandidate(FileScanTask task) {
        // What most files answer does not take a filter for one file.
        return outsideDesiredFileSizeRange(task)
                || !task.deletes().isEmpty()
                        && super.filterFiles(List.of(task)).iterator().hasNext();
    }

    /** The groups worth a rewrite among candidates of one partition, which are taken in their order. */
    List<List<FileScanTask>> pack(List<FileScanTask> candidates) {
        List<List<FileScanTask>> groups = new ArrayList<>();
        planFileGroups(candidates).forEach(groups::add);
        return groups;
    }

    /** The caller has chosen the candidates already. */
    @Override
    protected Iterable<FileScanTask> filterFiles(Iterable<FileScanTask> candidates) {
        return candidates;
    }

    @Override
    protected Iterable<List<FileScanTask>> filterFileGroups(List<List<FileScanTask>> groups) {
        return groups.stream()
                .filter(group -> enoughInputFiles(group) || group.stream().anyMatch(this::isWorthAlone))
                .toList();
    }

    /** Whether the file is worth a rewrite whatever there is beside it. */
    boolean isWorthAlone(FileScanTask task) {
        return !task.deletes().isEmpty() || task.length() > maxFileSize;
    }
}
