package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.config.Secrets;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.report.LineWidth;
import io.sink.report.Reported;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
    private static final Secrets SECRETS = Secrets.of(List.of("hunter2-hunter2"));

    private final ByteArrayOutputStream drawn = new ByteArrayOutputStream();

    @Test
    void says_how_far_it_is_and_what_has_been_at_work_for_longest() throws InterruptedException {
        Progress progress = begun(80);

        progress.acting("lake.web.events", ActionName.EXPIRE);
        progress.acting("lake.web.events", ActionName.COMPACT);
        progress.acting("lake.web.clicks", ActionName.EXPIRE);
        progress.counted(40);
        progress.table(Reported.table("lake.ops.audit", ActionResult.of(Reason.NOTHING_TO_EXPIRE, "")));

        assertThat(waitFor("1/40 tables", "compact lake.web.events +1")).startsWith("sink");
        progress.ended(new RunSummary(Reported.START, 0, Map.of(), Effect.NONE, null, List.of()));
        assertThat(text()).as("nothing is left on the line").endsWith("\r\u001b[2K");
    }

    @Test
    void says_what_began_after_the_line_was_drawn_and_no_table_has_ended() throws InterruptedException {
        Progress progress = begun(80);
        waitFor("tables");

        progress.acting("lake.web.events", ActionName.EXPIRE);
        waitFor("expire lake.web.events");
        progress.acting("lake.web.events", ActionName.COMPACT);

        waitFor("compact lake.web.events");
        progress.ended(new RunSummary(Reported.START, 0, Map.of(), Effect.NONE, null, List.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 120})
    void fits_the_terminal_and_lets_no_name_move_the_cursor(int columns) throws InterruptedException {
        Progress progress = begun(columns);

        for (String hostile : Reported.HOSTILE) {
            progress.acting(hostile, ActionName.EXPIRE);
            waitForDraws(2);
            progress.table(Reported.table(hostile, ActionResult.of(Reason.EXPIRED, "")));
        }
        progress.acting("n".repeat(200) + ".事件.events", ActionName.COMPACT);
        waitFor("…");
        progress.ended(new RunSummary(Reported.START, 0, Map.of(), Effect.NONE, null, List.of()));

        List<String> lines = Arrays.asList(text().replace("\u001b[2K", "").split("\r"));
        assertThat(lines).hasSizeGreaterThan(3).allSatisfy(line -> {
            assertThat(line.length()).isLessThan(columns);
            assertThat(line.codePoints()).noneMatch(Character::isISOControl);
            assertThat(line).doesNotContain("\u202e");
        });
        assertThat(text()).contains("\\u009b1A", "事件.events");
    }

    @Test
    void is_for_terminals_and_has_colours_where_they_are_welcome() {
        Map<String, String> xterm = Map.of("TERM", "xterm-256color");

        assertThat(Terminal.of("", 80, xterm, false)).isEqualTo(new Terminal(false, false, true, 80));
        assertThat(Terminal.of("12", 120, xterm, false)).isEqualTo(new Terminal(true, true, true, 120));
        assertThat(Terminal.of("2", 80, xterm, true)).isEqualTo(new Terminal(false, true, false, 80));
        assertThat(Terminal.of("1", 80, Map.of("TERM", "xterm", "NO_COLOR", "1"), false)
                        .colours())
                .isFalse();
        assertThat(Terminal.of("1", 80, Map.of("TERM", "dumb"), false).colours())
                .isFalse();
    }

    @Test
    void has_a_width_only_where_stdout_is_a_terminal() {
        assertThat(Terminal.of("1", 97, Map.of(), false).width(SECRETS).columns())
                .isEqualTo(97);
        assertThat(Terminal.of("1", 0, Map.of(), false).width(SECRETS).columns())
                .isEqualTo(40);
        assertThat(Terminal.of("2", 97, Map.of(), false).width(SECRETS)).isEqualTo(LineWidth.ENDLESS);
    }

    private Progress begun(int columns) {
        Progress progress = new Progress(new PrintStream(drawn, true, StandardCharsets.UTF_8), columns, name -> name);
        progress.started(new RunHeader("01JD8XAMPLE", "0.1.0", "maintain", false, Reported.START, null, null));
        return progress;
    }

    /**
     * The line that says all of this, drawn within a few seconds; it is drawn by the clock, so others may come first.
     */
    private String waitFor(String... texts) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            for (String line : text().split("\r")) {
                if (Stream.of(texts).allMatch(line::contains)) {
                    return line;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError(List.of(texts) + " was not drawn: " + text().replace('\r', '\n'));
    }

    private void waitForDraws(int draws) throws InterruptedException {
        long before = text().chars().filter(c -> c == '\r').count();
        for (int i = 0; i < 100 && text().chars().filter(c -> c == '\r').count() < before + draws; i++) {
            Thread.sleep(50);
        }
    }

    private String text() {
        return drawn.toString(StandardCharsets.UTF_8);
    }
}
