package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.run.CatalogOpening;
import io.sink.run.CatalogTables;
import io.sink.storage.OtherTables;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathTablesTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "file:", "file://"})
    void a_table_keeps_the_form_of_its_location(String form) {
        Path at = directory.resolve("web/events");
        Samples.writeTable(at, form + at, Map.of());

        try (TableSource source = open()) {
            var table = source.load(ref("web", "events"));
            table.newFastAppend().appendFile(Samples.dataFile(table)).commit();

            assertThat(table.currentSnapshot().manifestListLocation()).startsWith(form + at + "/metadata/snap-");
            assertThat(table.operations().current().metadataFileLocation())
                    .isEqualTo(form + at + "/metadata/v2.metadata.json");
        }
    }

    @Test
    void a_linked_table_is_neither_listed_nor_loaded() throws IOException {
        Path elsewhere = directory.resolve("elsewhere/events");
        Samples.writeTable(elsewhere, elsewhere.toString(), Map.of());
        Path warehouse = Files.createDirectories(directory.resolve("warehouse"));
        Files.createSymbolicLink(warehouse.resolve("events"), elsewhere);
        Files.createSymbolicLink(warehouse.resolve("web"), directory.resolve("elsewhere"));
        Files.createSymbolicLink(
                Files.createDirectories(warehouse.resolve("half")).resolve("metadata"), elsewhere.resolve("metadata"));

        try (TableSource source = OpenCatalogs.open("lake", "path", Map.of("warehouse", "warehouse"), directory)) {
            assertThat(source.list().hasNext()).isFalse();
            assertThatThrownBy(() -> source.load(ref("events"))).isInstanceOf(NoSuchTableException.class);
            assertThatThrownBy(() -> source.load(ref("web", "events"))).isInstanceOf(NoSuchTableException.class);
            assertThatThrownBy(() -> source.load(ref("half"))).isInstanceOf(NoSuchTableException.class);
        }
    }

    @Test
    void a_warehouse_under_a_link_is_as_good_as_any() throws IOException {
        Path real = Files.createDirectories(directory.resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        Samples.writeTable(real.resolve("events"), real.resolve("events").toString(), Map.of());

        try (TableSource source = OpenCatalogs.open("lake", "path", Map.of("warehouse", link.toString()), directory)) {
            assertThat(TableSourceContract.names(source.list())).containsExactly("lake.events");
            assertThat(source.load(ref("events")).location()).startsWith(real.toString());
        }
    }

    @Test
    void a_copied_table_is_refused_because_it_names_the_files_of_the_original() {
        Path original = directory.resolve("original");
        Samples.writeTable(original, original.toString(), Map.of());
        Samples.writeTable(directory.resolve("copy"), original.toString(), Map.of());
        Samples.writeTable(directory.resolve("moved"), directory.resolve("gone").toString(), Map.of());
        Samples.writeTable(directory.resolve("fetched"), "s3://lake/fetched", Map.of());

        try (TableSource source = open()) {
            source.load(ref("original"));
            for (String name : List.of("copy", "moved", "fetched")) {
                assertThatThrownBy(() -> source.load(ref(name)))
                        .isInstanceOf(ValidationException.class)
                        .hasMessageContaining("copied or moved")
                        .hasMessageContaining(directory.resolve(name).toString());
            }
        }
    }

    @Test
    void a_blob_location_asks_for_a_root_and_cannot_climb_out_of_it() {
        Samples.writeTable(directory.resolve("events"), "blob://events", Map.of());
        Samples.writeTable(directory.resolve("climbing"), "blob://../x/climbing", Map.of());
        String root = directory.toString();

        try (TableSource without = open();
                TableSource with =
                        OpenCatalogs.open("lake", "path", Map.of("warehouse", root, "blob-root", root), directory)) {
            assertThatThrownBy(() -> without.load(ref("events"))).hasMessageContaining("'blob-root'");
            assertThatThrownBy(() -> with.load(ref("climbing"))).hasMessageContaining("'..'");
            assertThat(with.load(ref("events")).location()).isEqualTo("blob://events");
        }
    }

    @Test
    void does_not_look_for_tables_in_a_tables_data_but_beside_it() throws IOException {
        Samples.writeTable(directory.resolve("web"), directory.resolve("web").toString(), Map.of());
        Samples.writeTable(
                directory.resolve("web/eu"), directory.resolve("web/eu").toString(), Map.of());
        Samples.writeTable(directory.resolve("web/data/day=1"), "x", Map.of());
        Samples.writeTable(directory.resolve("web/metadata/old"), "x", Map.of());
        Files.createDirectories(directory.resolve("empty/metadata"));
        Files.createDirectories(directory.resolve("hive/metadata"));
        Files.createFile(directory.resolve("hive/metadata/00001-abc.metadata.json"));

        try (TableSource source = open()) {
            assertThat(TableSourceContract.names(source.list())).containsExactly("lake.web", "lake.web.eu");
        }
    }

    @Test
    void names_that_are_no_names_lead_nowhere() {
        Path warehouse = directory.resolve("warehouse");
        Samples.writeTable(
                directory.resolve("events"), directory.resolve("events").toString(), Map.of());
        Samples.writeTable(
                warehouse.resolve("web/events"), warehouse.resolve("web/events").toString(), Map.of());

        try (TableSource source = OpenCatalogs.open("lake", "path", Map.of("warehouse", "warehouse"), directory)) {
            for (TableRef bad : List.of(
                    new TableRef("lake", List.of(".."), "events"),
                    new TableRef("lake", List.of(), "web/events"),
                    new TableRef("lake", List.of("web", ""), "events"),
                    new TableRef("lake", List.of("web", "."), "events"))) {
                assertThatThrownBy(() -> source.load(bad)).isInstanceOf(NoSuchTableException.class);
            }
        }
    }

    @Test
    void listing_and_loading_leave_the_directory_as_it_was() {
        Samples.writeTable(
                directory.resolve("events"), directory.resolve("events").toString(), Map.of());
        var before = Trees.contents(directory);

        try (TableSource source = open()) {
            source.load(source.list().next());
        }

        assertThat(Trees.contents(directory)).isEqualTo(before);
    }

    @Test
    void namespaces_and_tables_may_be_called_data_and_metadata() {
        for (String name : List.of("metadata/m", "data/b", "x", "web/data/metadata")) {
            Samples.writeTable(directory.resolve(name), directory.resolve(name).toString(), Map.of());
        }

        try (TableSource source = open()) {
            List<String> names = new ArrayList<>();
            source.list().forEachRemaining(ref -> names.add(ref.fullName()));

            assertThat(names)
                    .containsExactlyInAnyOrder("lake.metadata.m", "lake.data.b", "lake.x", "lake.web.data.metadata");
        }
    }

    @Test
    void a_link_that_leads_out_is_not_followed_and_said_to_be_passed_over() throws IOException {
        Path warehouse = Files.createDirectories(directory.resolve("warehouse"));
        Path elsewhere = directory.resolve("elsewhere/b");
        Samples.writeTable(elsewhere, elsewhere.toString(), Map.of());
        Samples.writeTable(warehouse.resolve("x"), warehouse.resolve("x").toString(), Map.of());
        Files.createSymbolicLink(warehouse.resolve("b"), elsewhere);
        Files.createSymbolicLink(warehouse.resolve("same"), warehouse.resolve("x"));
        Files.createSymbolicLink(warehouse.resolve("nowhere"), directory.resolve("missing"));

        CatalogOpening opening = new CatalogOpening(
                "lake", () -> OpenCatalogs.open("lake", "path", Map.of("warehouse", warehouse.toString()), directory));
        try (CatalogTables tables = new CatalogTables(List.of(opening), ref -> List.of())) {
            OtherTables.Survey survey = tables.survey(() -> {});

            assertThat(survey.tables()).extracting(OtherTables.KnownTable::name).containsExactly("lake.x");
            assertThat(survey.unknown())
                    .singleElement()
                    .asString()
                    .contains(
                            "catalog lake",
                            warehouse.resolve("b") + " is a link, and tables behind links are not looked");
        }
    }

    private TableSource open() {
        return OpenCatalogs.open("lake", "path", Map.of("warehouse", "."), directory);
    }

    private static TableRef ref(String... levels) {
        List<String> all = List.of(levels);
        return new TableRef("lake", all.subList(0, all.size() - 1), all.get(all.size() - 1));
    }
}
