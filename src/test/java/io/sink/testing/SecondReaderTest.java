package io.sink.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The second reader on tables whose rows their own writer has told. */
class SecondReaderTest {
    private static IcebirdFixtures fixtures;

    @BeforeAll
    static void unpack(@TempDir Path directory) throws IOException {
        fixtures = IcebirdFixtures.unpack(directory);
    }

    static List<String> tables() {
        return IcebirdFixtures.TABLES_WITH_ROWS;
    }

    @ParameterizedTest
    @MethodSource("tables")
    void rows_are_what_the_writer_says_byte_for_byte(String table) throws IOException {
        List<String> rows = reader(table).rows();

        String lines = rows.stream().map(row -> row + "\n").collect(Collectors.joining());
        assertThat(lines).isEqualTo(Files.readString(fixtures.expectedRows(table)));
    }

    @Test
    void position_deletes_are_read_even_where_their_bounds_lie() throws IOException {
        assertThat(reader("events_v2_deleted").rows()).hasSize(276);
    }

    @Test
    void a_table_without_snapshots_has_no_rows() throws IOException {
        SecondReader reader = reader(IcebirdFixtures.EMPTY_TABLE);

        assertThat(reader.snapshots()).isEmpty();
        assertThat(reader.rows()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void every_reachable_file_is_on_disk(String table) throws IOException {
        try (Stream<Path> walk = Files.walk(fixtures.directory(table))) {
            Set<Path> onDisk = walk.filter(Files::isRegularFile).collect(Collectors.toSet());

            assertThat(reader(table).reachable()).isNotEmpty().isSubsetOf(onDisk);
        }
    }

    @Test
    void files_that_a_rewrite_replaced_stay_reachable_from_older_snapshots_only() throws IOException {
        SecondReader reader = reader("events_v3_rewritten");
        List<SecondReader.Snapshot> snapshots = reader.snapshots();
        SecondReader.Snapshot last = snapshots.get(snapshots.size() - 1);

        assertThat(last.refs()).containsExactly("main");
        assertThat(reader.reachable())
                .containsAll(reader.files(last.id()))
                .hasSizeGreaterThan(reader.files(last.id()).size() + 12);
    }

    private static SecondReader reader(String table) throws IOException {
        return SecondReader.of(fixtures.metadata(table), fixtures::locate);
    }
}
