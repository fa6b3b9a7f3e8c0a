package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.table.UnreadableMetadataException;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A table of a catalog whose metadata file is not what it should be. Iceberg alone takes 91 seconds for each. */
@Timeout(30)
class MetadataReadingTest {
    private static final TableRef REF = new TableRef("lake", List.of("web"), "events");

    @TempDir
    Path directory;

    private TableSource source;
    private Path metadata;

    @BeforeEach
    void make_table() {
        JdbcCatalog catalog = SqliteCatalog.make("lake", directory);
        catalog.createNamespace(Namespace.of("web"));
        BaseTable table = (BaseTable) catalog.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);
        metadata = LocalLocation.path(table.operations().current().metadataFileLocation());
        source = new CatalogSource("lake", catalog);
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void metadata_that_does_not_parse_is_not_fetched_for_minutes() throws IOException {
        String whole = Files.readString(metadata);
        for (String broken : List.of(
                "",
                "{}",
                "<html>",
                "[1]",
                whole.substring(0, whole.length() / 2),
                "{\"a\":".repeat(100_000),
                whole.replace("\"format-version\":2", "\"format-version\":99"))) {
            Files.writeString(metadata, broken);

            assertThatThrownBy(() -> source.load(REF))
                    .as(broken)
                    .isInstanceOf(UnreadableMetadataException.class)
                    .hasMessageEndingWith(metadata + " is no table metadata")
                    .extracting(Failures::loadReason)
                    .isEqualTo(Reason.METADATA_UNREADABLE);
        }
    }

    @Test
    void metadata_that_is_too_large_or_no_file_is_not_fetched_for_minutes() throws IOException {
        Files.write(metadata, new byte[(int) WholeMetadata.most() + 1]);
        assertThatThrownBy(() -> source.load(REF)).hasMessageContaining("unpacks to more than");

        Files.delete(metadata);
        Files.createDirectory(metadata);
        assertThatThrownBy(() -> source.load(REF)).isInstanceOf(NotAFileException.class);
    }

    @Test
    void metadata_that_breaks_between_two_looks_ends_the_second() throws IOException {
        BaseTable loaded = source.load(REF);
        JdbcCatalog writer = SqliteCatalog.make("lake", directory);
        writer.loadTable(TableIdentifier.of("web", "events"))
                .updateProperties()
                .set("a", "b")
                .commit();
        Path newest = LocalLocation.path(((BaseTable) writer.loadTable(TableIdentifier.of("web", "events")))
                .operations()
                .current()
                .metadataFileLocation());
        Files.writeString(newest, "{}");

        assertThatThrownBy(() -> loaded.operations().refresh()).isInstanceOf(UnreadableMetadataException.class);
        assertThat(loaded.operations().current()).isNotNull();
        writer.close();
    }

    /** What is refused is the same bytes: a first answer that was cut says nothing of the second. */
    @Test
    void metadata_that_parses_the_second_time_is_loaded() throws IOException {
        byte[] whole = Files.readAllBytes(metadata);

        BaseTable loaded = MetadataReading.of(() -> {
            MetadataReading.fetched(metadata.toString(), new byte[] {'{'});
            MetadataReading.fetched(metadata.toString(), whole);
            return source.load(REF);
        });

        assertThat(loaded.schema().columns()).isNotEmpty();
    }
}
