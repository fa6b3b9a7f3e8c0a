package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.config.Secrets;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {
    @TempDir
    Path folder;

    @Test
    void has_every_table_that_is_done_until_the_run_ends() {
        Path file = folder.resolve("runs/01RUN-7.ndjson");
        List<String> told = new ArrayList<>();
        try (RunRecord record = RunRecord.begin(file, Secrets.of(List.of()))) {
            RunListener listener = record.and(listener(told));
            listener.started(new RunHeader("01RUN", "test", "maintain", false, Instant.EPOCH, null, null));
            listener.table(report("lake.a"));

            assertThat(file).content().contains("01RUN", "lake.a", "nothing-to-expire");
            assertThat(told).containsExactly("lake.a");
        }

        assertThat(file).doesNotExist();
    }

    @Test
    void shows_no_secret_to_who_finds_it() {
        Path file = folder.resolve("runs/01RUN-7.ndjson");
        try (RunRecord record = RunRecord.begin(file, Secrets.of(List.of("hunter2")))) {
            record.and(listener(new ArrayList<>())).table(report("lake.hunter2"));

            assertThat(file).content().contains("lake.***").doesNotContain("hunter2");
        }
    }

    @Test
    void does_not_hinder_the_run_where_it_cannot_be_written() throws IOException {
        Files.writeString(folder.resolve("runs"), "in the way");
        List<String> told = new ArrayList<>();

        try (RunRecord record = RunRecord.begin(folder.resolve("runs/01RUN-7.ndjson"), Secrets.of(List.of()))) {
            record.and(listener(told)).table(report("lake.a"));
        }

        assertThat(told).containsExactly("lake.a");
    }

    @Test
    void forgets_what_a_run_left_a_month_ago() throws IOException {
        Path runs = Files.createDirectory(folder.resolve("runs"));
        Path old = Files.writeString(runs.resolve("old.ndjson"), "");
        Path young = Files.writeString(runs.resolve("young.ndjson"), "");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(31))));

        RunRecord.begin(runs.resolve("01RUN-7.ndjson"), Secrets.of(List.of())).close();

        assertThat(runs).isDirectoryContaining(young::equals).isDirectoryNotContaining(old::equals);
    }

    private static TableReport report(String table) {
        return new TableReport(
                table,
                "lake",
                null,
                "",
                null,
                null,
                List.of(new ActionReport(
                        ActionName.EXPIRE, ActionResult.of(Reason.NOTHING_TO_EXPIRE, ""), Duration.ZERO)));
    }

    private static RunListener listener(List<String> told) {
        return new RunListener() {
            @Override
            public void started(RunHeader header) {}

            @Override
            public void table(TableReport report) {
                told.add(report.table());
            }

            @Override
            public void ended(RunSummary summary) {}
        };
    }
}
