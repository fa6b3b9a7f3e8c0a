package io.sink.compact;

import io.sink.table.LiveDeletes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.BaseFileScanTask;
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
 * whether a file is a candidate.
 *
 * <p>Position deletes are taken from {@link LiveDeletes} alone. Equality deletes make a candidate only where Iceberg,
 * which compares column bounds, attaches one; they are all applied where the file is rewritten for any reason.
 */
final class ExactTasks {
    private final LiveDeletes deletes;
    private final String schema;
    private final Map<Integer, String> specs = new HashMap<>();
    private final Table table;

    ExactTasks(Table table, LiveDeletes deletes) {
        this.table = table;
        this.deletes = deletes;
        this.schema = SchemaParser.toJson(table.schema());
    }

    FileScanTask of(FileScanTask scanned) {
        boolean equality = scanned.deletes().stream().anyMatch(ExactTasks::byValue);
        List<DeleteFile> exact = deletes.of(scanned.file());
        boolean positions = exact.stream().anyMatch(delete -> !byValue(delete));
        return task(scanned, equality || positions ? exact : List.of());
    }

    private FileScanTask task(FileScanTask scanned, List<DeleteFile> applied) {
        String spec = specs.computeIfAbsent(
                scanned.file().specId(),
                id -> PartitionSpecParser.toJson(table.specs().get(id)));
        return new BaseFileScanTask(
                scanned.file(),
                Stream.of(applied).flatMap(List::stream).toArray(DeleteFile[]::new),
                schema,
                spec,
                ResidualEvaluator.unpartitioned(Expressions.alwaysTrue()));
    }

    private static boolean byValue(DeleteFile delete) {
        return delete.content() == FileContent.EQUALITY_DELETES;
    }
}
