package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of every {@link TableSource}. */
abstract class TableSourceContract {

    static final String CATALOG = "lake";

    @TempDir
    Path directory;

    /** Makes a table with {@link Samples#SCHEMA}, and its namespaces. */
    abstract void makeTable(List<String> namespace, String name);

    /** Drops a namespace and the one table in it. */
    abstract void dropNamespace(String namespace, String table);

    abstract TableSource open();

    @Test
    void an_empty_catalog_lists_nothing() {
        try (TableSource source = open()) {
            assertThat(source.list().hasNext()).isFalse();
            assertThat(source.name()).isEqualTo(CATALOG);
        }
    }

    @Test
    void lists_each_table_of_nested_namespaces_once() {
        makeTable(List.of("web"), "events");
        makeTable(List.of("web"), "clicks");
        makeTable(List.of("web", "eu"), "events");
        makeTable(List.of("ops", "a", "b", "c"), "audit");
        makeTable(List.of("web10"), "events");

        try (TableSource source = open()) {
            assertThat(names(source.list()))
                    .containsExactlyInAnyOrder(
                            "lake.web.events",
                            "lake.web.clicks",
                            "lake.web.eu.events",
                            "lake.ops.a.b.c.audit",
                            "lake.web10.events");
        }
    }

    @Test
    void tells_of_every_namespace_that_it_comes_to() {
        makeTable(List.of("web"), "events");
        makeTable(List.of("web", "eu"), "events");
        makeTable(List.of("ops", "a"), "audit");

        try (TableSource source = open()) {
            assertThat(namespaces(source))
                    .contains(List.of(), List.of("web"), List.of("web", "eu"), List.of("ops"), List.of("ops", "a"))
                    .doesNotContain(List.of("web", "events"), List.of("ops", "a", "audit"));
        }
    }

    @Test
    void asking_again_moves_nothing_and_the_end_is_the_end() {
        makeTable(List.of("web"), "events");

        try (TableSource source = open()) {
            Iterator<TableRef> tables = source.list();

            assertThat(tables.hasNext()).isTrue();
            assertThat(tables.hasNext()).isTrue();
            assertThat(tables.next()).isEqualTo(new TableRef(CATALOG, List.of("web"), "events"));
            assertThat(tables.hasNext()).isFalse();
            assertThatThrownBy(tables::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void passes_over_a_namespace_that_is_dropped_meanwhile() {
        makeTable(List.of("a"), "first");
        makeTable(List.of("b"), "second");
        makeTable(List.of("c"), "third");

        try (TableSource source = open()) {
            Iterator<TableRef> tables = source.list();
            assertThat(tables.next().fullName()).isEqualTo("lake.a.first");

            dropNamespace("b", "second");

            assertThat(names(tables)).containsExactly("lake.c.third");
        }
    }

    @Test
    void loads_what_it_lists() {
        makeTable(List.of("web", "eu"), "events");

        try (TableSource source = open()) {
            BaseTable table = source.load(source.list().next());

            assertThat(table.schema().asStruct()).isEqualTo(Samples.SCHEMA.asStruct());
            assertThat(table.name()).isEqualTo("lake.web.eu.events");
            assertThat(table.currentSnapshot()).isNull();
        }
    }

    @Test
    void a_table_that_is_not_there_is_said_not_to_be() {
        makeTable(List.of("web"), "events");

        try (TableSource source = open()) {
            for (TableRef missing : List.of(
                    new TableRef(CATALOG, List.of("web"), "nothing"),
                    new TableRef(CATALOG, List.of("nowhere"), "events"),
                    new TableRef(CATALOG, List.of("web", "events"), "snapshots"))) {
                assertThatThrownBy(() -> source.load(missing)).isInstanceOf(NoSuchTableException.class);
            }
        }
    }

    @Test
    void what_one_commits_another_reads() {
        makeTable(List.of("web"), "events");
        TableRef ref = new TableRef(CATALOG, List.of("web"), "events");

        try (TableSource source = open();
                TableSource other = open()) {
            BaseTable table = source.load(ref);
            table.updateProperties().set("owner", "ops").commit();
            table.newFastAppend().appendFile(Samples.dataFile(table)).commit();

            BaseTable read = other.load(ref);
            assertThat(read.properties()).containsEntry("owner", "ops");
            assertThat(read.currentSnapshot().summary()).containsEntry("total-data-files", "1");
            assertThat(read.currentSnapshot().allManifests(read.io())).hasSize(1);
        }
    }

    @Test
    void a_commit_on_stale_metadata_fails_and_changes_nothing() {
        makeTable(List.of("web"), "events");
        TableRef ref = new TableRef(CATALOG, List.of("web"), "events");

        try (TableSource source = open()) {
            BaseTable winner = source.load(ref);
            BaseTable loser = source.load(ref);
            UpdateSchema late = loser.updateSchema().addColumn("late", Types.LongType.get());
            winner.updateSchema().addColumn("early", Types.LongType.get()).commit();

            assertThatThrownBy(late::commit).isInstanceOf(CommitFailedException.class);
            assertThat(source.load(ref).schema().columns())
                    .extracting(Types.NestedField::name)
                    .containsExactly("id", "name", "early");
        }
    }

    @Test
    void the_files_of_a_table_are_listed_in_the_form_of_its_location() {
        makeTable(List.of("web"), "events");
        makeTable(List.of("web"), "events10");

        try (TableSource source = open()) {
            BaseTable table = source.load(new TableRef(CATALOG, List.of("web"), "events"));
            SupportsPrefixOperations io = (SupportsPrefixOperations) table.io();

            assertThat(io.listPrefix(table.location() + "/"))
                    .extracting(FileInfo::location)
                    .contains(table.operations().current().metadataFileLocation())
                    .allMatch(location -> location.startsWith(table.location() + "/"));
        }
    }

    static List<List<String>> namespaces(TableSource source) {
        List<List<String>> namespaces = new ArrayList<>();
        source.list(namespaces::add).forEachRemaining(ref -> {});
        return namespaces;
    }

    static List<String> names(Iterator<TableRef> tables) {
        List<String> names = new ArrayList<>();
        tables.forEachRemaining(ref -> names.add(ref.fullName()));
        return names;
    }
}
