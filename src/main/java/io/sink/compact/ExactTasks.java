package io.sink.compact;

import io.sink.table.LiveDeletes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;

/**
 * Scan tasks with the deletes that {@link LiveDeletes} found in place of those that Iceberg's index kept. They decide
 * whether a file is a candidate. Any thread may ask.
 *
 * <p>Position deletes are taken from {@link LiveDeletes} alone. Equality deletes make a candidate only where Iceberg,
 * which compares column bounds, attaches one; they are all applied where the file is rewritten for any reason.
 */
final class ExactTasks {
    private static final DeleteFile[] NO_DELETES = {};
    private static final ResidualEvaluator EVERY_ROW = ResidualEvaluator.unpartitioned(Expressions.alwaysTrue());

    private final String schema;
    private final Map<Integer, String> specs = new HashMap<>();

    ExactTasks(Table table) {
        this.schema = SchemaParser.toJson(table.schema());
        table.specs().forEach((id, spec) -> specs.put(id, PartitionSpecParser.toJson(spec)));
    }

    FileScanTask of(FileScanTask scanned, LiveDeletes deletes) {
        boolean equality = scanned.deletes().stream().anyMatch(ExactTasks::byValue);
        List<DeleteFile> exact = deletes.of(scanned.file());
        boolean positions = exact.stream().anyMatch(delete -> !byValue(delete));
        return task(scanned.file(), equality || positions ? exact : List.of());
    }

    /** The task of a file of a snapshot in which no row is deleted by its values. */
    FileScanTask of(DataFile file, LiveDeletes deletes) {
        return task(file, deletes.of(file));
    }

    private FileScanTask task(DataFile file, List<DeleteFile> applied) {
        return new BaseFileScanTask(
                file,
                applied.isEmpty() ? NO_DELETES : applied.toArray(new DeleteFile[0]),
                schema,
                specs.get(file.specId()),
                EVERY_ROW);
    }

    private static boolean byValue(DeleteFile delete) {
        return delete.content() == FileContent.EQUALITY_DELETES;
    }
}
