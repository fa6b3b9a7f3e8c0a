package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextReportTest {
    private static final List<TableReport> TABLES = List.of(
            Reported.table(
                    "lake.web.events",
                    new ActionResult(
                            Reason.EXPIRED,
                            "snapshots before noon",
                            Effect.of(Counter.DATA_FILES_DELETED, 1_200)
                                    .plus(Counter.MANIFESTS_DELETED, 4)
                                    .plus(Counter.BYTES_FREED, 41_000_000_000L),
                            ActionResult.Files.NONE,
                            null)),
            Reported.table("lake.web.clicks", ActionResult.of(Reason.NOTHING_TO_EXPIRE, "3 snapshots, all retained")),
            Reported.table("lake.ops.audit", ActionResult.of(Reason.COMMIT_CONFLICT, "nothing was changed: too late")),
            Reported.table(
                    "lake.fin.ledger",
                    new ActionResult(
                            Reason.CLEANUP_INCOMPLETE,
                            "5 of 6 files are still there; the next run deletes them",
                            Effect.of(Counter.DATA_FILES_DELETED, 1)
                                    .plus(Counter.BYTES_FREED, 17)
                                    .plus(Counter.FILES_LEFT, 5),
                            new ActionResult.Files(List.of(), List.of("f"), List.of("a", "b", "c", "d", "e")),
                            null)));

    @Test
    void gives_a_line_to_each_action_a_note_to_each_failure_and_a_sum() {
        String written = Reported.by(Reported.text(false), TABLES);

        assertThat(written).isEqualTo("""
                        sink 0.1.0  maintain   run 01JD8XAMPLE   2026-11-21T02:00:04Z

                        TABLE            ACTION  OUTCOME   REASON               FILES      BYTES  TIME
                        lake.web.events  expire  done      expired             -1,204  -38.2 GiB  1.2s
                        lake.web.clicks  expire  skipped   nothing-to-expire                      1.2s
                        lake.ops.audit   expire  deferred  commit-conflict                        1.2s
                        lake.fin.ledger  expire  FAILED    cleanup-incomplete      -1      -17 B  1.2s

                        lake.ops.audit expire commit-conflict: nothing was changed: too late
                        lake.fin.ledger expire cleanup-incomplete: 5 of 6 files are still there; the next run deletes them
                          left: a
                          left: b
                          left: c
                          left: 2 more, all of them in the JSON report

                        4 tables: 1 done, 1 skipped, 1 deferred, 1 failed   exit 20
                        """);
    }

    @Test
    void gives_every_detail_and_every_file_where_more_is_asked() {
        String written = Reported.by(Reported.text(true), TABLES);

        assertThat(written)
                .contains("lake.web.events expire expired: snapshots before noon")
                .contains("lake.web.clicks expire nothing-to-expire: 3 snapshots, all retained")
                .contains("  left: e\n")
                .doesNotContain("more, all of them");
    }

    @Test
    void says_once_for_each_reason_what_to_do_about_it_where_more_is_asked() {
        List<TableReport> twice = List.of(
                TABLES.get(0),
                TABLES.get(2),
                Reported.table("lake.ops.trail", ActionResult.of(Reason.COMMIT_CONFLICT, "nothing was changed")));

        assertThat(Reported.by(Reported.text(true), twice).lines().filter(line -> line.startsWith("what to do")))
                .containsExactly("what to do about commit-conflict: " + Reason.COMMIT_CONFLICT.remedy());
        assertThat(Reported.by(Reported.text(false), twice)).doesNotContain("what to do");
        assertThat(Reported.by(Reported.text(true), TABLES.subList(0, 2))).doesNotContain("what to do");
    }

    @Test
    void says_once_what_is_the_same_for_several_actions() {
        ActionResult missing = ActionResult.of(Reason.MISSING_FILE, "No such file: /lake/t/a.avro");
        TableReport twice = new TableReport(
                "lake.web.events",
                "lake",
                null,
                "",
                null,
                null,
                List.of(
                        new ActionReport(ActionName.EXPIRE, missing, Duration.ZERO),
                        new ActionReport(ActionName.COMPACT, missing, Duration.ZERO),
                        new ActionReport(
                                ActionName.REWRITE_MANIFESTS,
                                ActionResult.of(Reason.MISSING_FILE, "another one"),
                                Duration.ZERO)));

        assertThat(Reported.by(Reported.text(false), List.of(twice)).lines().filter(line -> line.contains(": ")))
                .contains(
                        "lake.web.events expire, compact missing-file: No such file: /lake/t/a.avro",
                        "lake.web.events rewrite-manifests missing-file: another one")
                .hasSize(3);
    }

    @Test
    void names_the_table_once_for_all_its_actions() {
        TableReport two = new TableReport(
                "lake.web.events",
                "lake",
                null,
                "",
                null,
                null,
                List.of(
                        new ActionReport(ActionName.EXPIRE, ActionResult.of(Reason.EXPIRED, ""), Duration.ZERO),
                        new ActionReport(ActionName.COMPACT, ActionResult.of(Reason.COMPACTED, ""), Duration.ZERO)));

        String written = Reported.by(Reported.text(false), List.of(two));

        assertThat(written.lines().skip(3).limit(2))
                .containsExactly(
                        "lake.web.events  expire   done     expired                  0.0s",
                        "                 compact  done     compacted                0.0s");
    }

    @Test
    void colours_outcomes_and_nothing_else_where_it_is_asked_to() {
        String plain = Reported.by(Reported.text(false), TABLES);

        String coloured = Reported.by(
                to -> new TextReport(new PrintWriter(to), TextReport.Details.OF_FAILURES, true, LineWidth.ENDLESS),
                TABLES);

        assertThat(coloured)
                .contains("\u001b[32mdone\u001b[0m", "\u001b[1;31mFAILED\u001b[0m", "\u001b[33mdeferred\u001b[0m");
        assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(plain);
    }

    @Test
    void says_that_there_was_none() {
        assertThat(Reported.by(Reported.text(false), List.of())).endsWith("\n\n0 tables: none   exit 0\n");
    }

    @Test
    void says_what_stopped_it() {
        assertThat(Reported.by(Reported.text(false), TABLES.subList(0, 1), "SIGTERM"))
                .endsWith("1 table: 1 done, stopped by SIGTERM before every table was looked at   exit 0\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lets_no_name_move_the_cursor_or_turn_the_writing(boolean details) {
        String written = Reported.by(Reported.text(details), Reported.everyHostileName());

        assertThat(written.codePoints().filter(c -> c != '\n')).noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
        assertThat(written)
                .contains("<script>alert(1)</script>")
                .contains("\\u001b[31mred")
                .contains("\\u202egnp.exe");
        assertThat(written.lines().filter(line -> line.contains("cleanup-incomplete") && !line.contains(": ")))
                .as("a line for each table")
                .hasSize(Reported.HOSTILE.size());
    }

    @Test
    void wraps_what_is_wider_than_80_columns() {
        List<TableReport> tables = List.of(
                TABLES.get(0),
                Reported.table(
                        "lake.ops.audit",
                        new ActionResult(
                                Reason.COMMIT_CONFLICT,
                                "another writer committed first, and what was staged is deleted again",
                                Effect.of(Counter.FILES_STAGED, 1_088).plus(Counter.STAGED_FILES_DELETED, 1_088),
                                ActionResult.Files.NONE,
                                null)));

        String written = Reported.by(
                to -> new TextReport(new PrintWriter(to), TextReport.Details.OF_FAILURES, false, new LineWidth(80)),
                tables);

        assertThat(written).isEqualTo("""
                        sink 0.1.0  maintain   run 01JD8XAMPLE   2026-11-21T02:00:04Z

                        TABLE
                          ACTION  OUTCOME   REASON                   FILES      BYTES  TIME
                        lake.web.events
                          expire  done      expired                 -1,204  -38.2 GiB  1.2s
                        lake.ops.audit
                          expire  deferred  commit-conflict  1,088 staged,             1.2s
                                                             1,088 deleted

                        lake.ops.audit expire commit-conflict: another writer committed first, and what
                            was staged is deleted again

                        2 tables: 1 done, 1 deferred   exit 0
                        """);
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 120})
    void fits_a_terminal_and_loses_nothing_whatever_is_in_it(int width) {
        List<TableReport> tables = new ArrayList<>(Reported.everyHostileName());
        tables.addAll(Reported.everyReason());
        tables.add(Reported.everyFinding());
        tables.add(Reported.table("湖.ウェブ." + "事件".repeat(40), ActionResult.of(Reason.EXPIRED, "雪".repeat(200))));
        tables.add(Reported.table(
                "lake." + "level.".repeat(30) + "t", ActionResult.of(Reason.STORAGE_ERROR, "no. ".repeat(90))));

        String fitted = Reported.by(
                to -> new TextReport(new PrintWriter(to), TextReport.Details.ALL, false, new LineWidth(width)), tables);

        assertThat(fitted.lines()).allMatch(line -> LineWidth.of(line) <= width);
        assertThat(inked(fitted)).isEqualTo(inked(Reported.by(Reported.text(true), tables)));
        for (Reason reason : Reason.values()) {
            assertThat(fitted).contains("lake.web." + reason.code());
        }
    }

    /** What is printed in any order, without the blanks. */
    private static String inked(String text) {
        return text.codePoints()
                .filter(c -> !Character.isWhitespace(c))
                .sorted()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
