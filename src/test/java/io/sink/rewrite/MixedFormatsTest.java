package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.GeneratedTable;
import io.sink.compact.LocalTable;
import io.sink.compact.PlanDecision;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.rows.GroupInput;
import io.sink.testing.Attempts;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables with a random past whose data and delete files are of any format, against twins that have Parquet alone, which
 * DuckDB can read. {@code -Dsink.cases} says how many.
 */
@ExtendWith(Seeds.Given.class)
final class MixedFormatsTest {
    private static final List<FileFormat> FORMATS = List.of(FileFormat.AVRO, FileFormat.ORC, FileFormat.PARQUET);

    @TempDir
    Path directory;

    @TestFactory
    List<DynamicTest> come_out_as_parquet_with_every_row_and_its_lineage(Seeds seeds) {
        return seeds.tests(8, random -> keeps(random, List.of(FileFormat.PARQUET)));
    }

    @TestFactory
    List<DynamicTest> come_out_as_avro_with_every_row_and_its_lineage(Seeds seeds) {
        return seeds.tests(4, random -> keeps(random, List.of(FileFormat.AVRO, FileFormat.PARQUET)));
    }

    @TestFactory
    List<DynamicTest> come_out_as_orc_with_every_row_and_its_lineage(Seeds seeds) {
        return seeds.tests(4, random -> keeps(random, List.of(FileFormat.ORC, FileFormat.PARQUET)));
    }

    /** Rewritten in one format after the other, the last of which DuckDB reads. */
    private void keeps(Draws random, List<FileFormat> outputs) {
        Random formats = new Random(random.seed());
        Table table = GeneratedTable.of(
                directory.resolve("t" + random.seed()), new Random(random.seed()), any -> next(any, formats));
        List<String> before = LocalTable.rows(
                GeneratedTable.of(directory.resolve("twin" + random.seed()), new Random(random.seed())));

        for (FileFormat output : outputs) {
            table.updateProperties()
                    .set(TableProperties.DEFAULT_FILE_FORMAT, output.name())
                    .commit();
            PlanDecision decision = Compaction.plan(table, Compaction.policy(1, 1, 1 << 24));
            if (decision instanceof CompactPlan plan) {
                Compaction.Done done = Compaction.run(table, plan, ChosenRewriter.of(table));
                done.results().forEach(result -> describe(table, result, output));
            } else if (((Stay) decision).reason() != Reason.NOTHING_TO_REWRITE) {
                assertThat(refusedRightly(table, output, (Stay) decision))
                        .as(decision.toString())
                        .isTrue();
                return;
            }
            rewriteOthers(table, output);
        }

        assertThat(LocalTable.rows(table)).containsExactlyElementsOf(before);
    }

    private static void describe(Table table, RewriteResult result, FileFormat output) {
        assertThat(result.outputs()).allSatisfy(file -> {
            assertThat(file.format()).isEqualTo(output);
            assertThat(file.recordCount()).isPositive();
            assertThat(table.io().newInputFile(file.location()).getLength()).isEqualTo(file.fileSizeInBytes());
        });
    }

    /** A file without deletes that is alone in its partition is no group of a plan. */
    private static void rewriteOthers(Table table, FileFormat output) {
        for (DataFile file : live(table)) {
            if (file.format() != output) {
                FileGroup group =
                        new FileGroup(99, file.specId(), false, List.of(new GroupInput(file, List.of())), 1 << 24, 1);
                RewriteResult result = ChosenRewriter.of(table).rewrite(group, location -> {}, () -> false);
                new RowProof(table, Attempts.MEMORY).prove(group, result, ProofLevel.FULL, () -> false);
                describe(table, result, output);
                RewriteFiles commit = table.newRewrite().deleteFile(file).dataSequenceNumber(file.dataSequenceNumber());
                result.outputs().forEach(commit::addFile);
                commit.commit();
            }
        }
    }

    private static boolean refusedRightly(Table table, FileFormat output, Stay stay) {
        boolean orc = live(table).stream().anyMatch(file -> file.format() == FileFormat.ORC);
        return stay.reason() == Reason.UNSUPPORTED_FEATURE
                && (output == FileFormat.ORC
                                && hasGeometry(table)
                                && stay.detail().contains("which cannot hold it")
                        || orc && stay.detail().contains("ORC cannot read default value"));
    }

    private static FileFormat next(Table table, Random formats) {
        FileFormat format = FORMATS.get(formats.nextInt(FORMATS.size()));
        return format == FileFormat.ORC && hasGeometry(table) ? FileFormat.AVRO : format;
    }

    private static boolean hasGeometry(Table table) {
        return TypeUtil.indexById(table.schema().asStruct()).values().stream()
                .anyMatch(field -> field.type().typeId() == Type.TypeID.GEOMETRY);
    }

    private static List<DataFile> live(Table table) {
        List<DataFile> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return live;
    }
}
