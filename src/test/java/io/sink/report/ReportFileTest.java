package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Reason;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportFileTest {
    @TempDir
    Path folder;

    private Path target = Path.of("");

    @BeforeEach
    void setTarget() {
        target = folder.resolve("report.json");
    }

    @Test
    void appears_whole_when_it_is_finished() throws IOException {
        try (ReportFile file = ReportFile.begin(target)) {
            file.writer().write("all of it");
            file.writer().flush();
            assertThat(target).doesNotExist();
            file.finish();
        }

        assertThat(target).hasContent("all of it");
        assertThat(folder).isDirectoryContaining(target::equals);
        assertThat(names()).containsExactly("report.json");
    }

    @Test
    void leaves_nothing_of_a_run_that_failed() throws IOException {
        try (ReportFile file = ReportFile.begin(target)) {
            file.writer().write("half of");
            file.writer().flush();
        }

        assertThat(names()).isEmpty();
    }

    @Test
    void leaves_an_older_file_to_a_run_that_failed() throws IOException {
        Files.writeString(target, "yesterday");

        try (ReportFile file = ReportFile.begin(target)) {
            file.writer().write("half of");
            file.writer().flush();
        }

        assertThat(target).hasContent("yesterday");
        assertThat(names()).containsExactly("report.json");
    }

    @Test
    void replaces_an_older_file() throws IOException {
        Files.writeString(target, "yesterday, and longer");

        try (ReportFile file = ReportFile.begin(target)) {
            file.writer().write("today");
            file.finish();
        }

        assertThat(target).hasContent("today");
    }

    @Test
    void refuses_a_folder_that_is_not_there() {
        assertThatThrownBy(() -> ReportFile.begin(folder.resolve("no/report.json")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no/report.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/", "."})
    void replaces_nothing_that_is_no_file(String place) {
        assertThatThrownBy(() -> ReportFile.begin(Path.of(place)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(place)
                .hasRootCauseMessage("something other than a file is there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json", "ndjson"})
    void does_not_end_the_walk_when_its_disk_is_full(String format) throws IOException {
        Files.writeString(target, "yesterday");

        try (ReportFile file = ReportFile.begin(target, FullDisk::new)) {
            Reported.by(
                    ignored -> switch (format) {
                        case "text" -> Reported.text(true).apply(file.writer());
                        case "json" -> new JsonReport(file.writer());
                        default -> new NdjsonReport(file.writer());
                    },
                    List.of(Reported.table("lake.web.events", Reported.result(Reason.EXPIRED, "x".repeat(20_000)))));

            assertThatThrownBy(file::finish)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasRootCauseMessage("No space left on device");
        }

        assertThat(target).hasContent("yesterday");
        assertThat(names()).containsExactly("report.json");
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    private static final class FullDisk extends FilterWriter {
        FullDisk(Writer out) {
            super(out);
        }

        @Override
        public void write(char[] chars, int offset, int length) throws IOException {
            throw new IOException("No space left on device");
        }
    }
}
