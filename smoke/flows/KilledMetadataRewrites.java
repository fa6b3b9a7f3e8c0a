package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import lib.Kills;
import lib.Sink;
import lib.TwoTables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A removal of dangling deletes or a rewrite of manifests is killed, at any moment and after each call to storage; the
 * next run finds every row, does what was to be done, and leaves the table clean.
 *
 * <p>{@link Kills} has the system properties, {@code smoke/README.md} the full sizes and what came of them.
 */
@ExtendWith(Seeds.Given.class)
class KilledMetadataRewrites {
    private static final int KILLS = Kills.wanted(2);
    private static final int EVERY = Kills.every(60);
    /** Delete files that rows need, and as many that nobody does. */
    private static final int DELETES = 3;

    private static final long DELETE_MANIFESTS = 2 * DELETES;
    private static final Set<String> BOTH = Set.of("paths.t", "lake.web.t");

    @TempDir
    Path directory;

    /** Many manifests, and delete files of which every other one dangles. */
    private TwoTables make(int formatVersion, int appends) throws IOException {
        return TwoTables.make(directory, formatVersion, table -> {
            for (int delete = 0; delete < DELETES; delete++) {
                table.appendAndDeleteFirst(10 * delete, 1, 2).deleteTooLate(3, 4);
            }
            for (int append = 0; append < appends; append++) {
                table.append(append, append, append + 1);
            }
        });
    }

    @Test
    void a_removal_of_dangling_deletes_killed_at_any_moment_is_finished_by_the_next_run(Seeds seeds) throws Exception {
        TwoTables tables = make(2, 30);
        Sink sink = Sink.in(directory).configured(TwoTables.CONFIGURATION);

        new Kills(tables, seeds)
                .atAnyMoment(sink, KILLS - KILLS / 2, removed(tables, BOTH), "--remove-dangling-deletes");
    }

    @Test
    void a_rewrite_of_manifests_killed_at_any_moment_is_finished_by_the_next_run(Seeds seeds) throws Exception {
        TwoTables tables = make(3, 30);
        Sink sink = Sink.in(directory).configured(TwoTables.CONFIGURATION);

        new Kills(tables, seeds)
                .atAnyMoment(sink, KILLS / 2, rewritten(tables, BOTH), "--rewrite-manifests", "--min-manifests", "2");
    }

    @ParameterizedTest
    @CsvSource({"path, t, deletes", "jdbc, web/t, deletes", "path, t, manifests", "jdbc, web/t, manifests"})
    void a_run_that_dies_after_any_call_is_finished_by_the_next(String type, String table, String what, Seeds seeds)
            throws Exception {
        TwoTables tables = make(3, 2);
        Set<String> maintained = Set.of(type.equals("path") ? "paths.t" : "lake.web.t");

        new Kills(tables, seeds)
                .afterCalls(
                        EVERY,
                        what.equals("deletes") ? removed(tables, maintained) : rewritten(tables, maintained),
                        type,
                        table,
                        what);
    }

    /** That these tables lost as many entries as there are deletes that nobody needs, and no table anything else. */
    private static Consumer<String> removed(TwoTables tables, Set<String> maintained) {
        SortedMap<String, List<String>> before = tables.newest(SecondReader::entries);
        return when -> tables.newest(SecondReader::entries).forEach((table, entries) -> {
            List<String> were = before.getOrDefault(table, List.of());
            assertThat(were).as("%s of %s", when, table).containsAll(entries);
            assertThat(entries)
                    .as("%s of %s", when, table)
                    .hasSize(were.size() - (maintained.contains(table) ? DELETES : 0));
        });
    }

    /** That these tables have one manifest of data files, and every table the entries that it had. */
    private static Consumer<String> rewritten(TwoTables tables, Set<String> maintained) {
        SortedMap<String, List<String>> entries = tables.newest(SecondReader::entries);
        SortedMap<String, Long> before = tables.newest(KilledMetadataRewrites::manifests);
        return when -> {
            assertThat(tables.newest(SecondReader::entries)).as(when).isEqualTo(entries);
            tables.newest(KilledMetadataRewrites::manifests)
                    .forEach((table, manifests) -> assertThat(manifests)
                            .as("%s of %s", when, table)
                            .isEqualTo(
                                    maintained.contains(table)
                                            ? DELETE_MANIFESTS + 1
                                            : before.getOrDefault(table, 0L)));
        };
    }

    private static long manifests(SecondReader reader, long snapshot) {
        return reader.files(snapshot).stream()
                .map(file -> String.valueOf(file.getFileName()))
                .filter(name -> name.endsWith(".avro") && !name.startsWith("snap-"))
                .count();
    }
}
