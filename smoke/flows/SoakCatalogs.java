package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sink.catalog.RoutedFileIO;
import io.sink.testing.Draws;
import io.sink.testing.PathTable;
import io.sink.testing.Postgres;
import io.sink.testing.RestServer;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import lib.Accounts;
import lib.Lake;
import lib.Writers;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import soak.Soak;

/**
 * Four appenders and a deleter at work on a table while one process runs the program on it again and again: every row
 * is accounted for, nothing is left in the table, and no file is left of a run.
 *
 * <p>{@code -Dsink.soak.part=SECONDS} soaks for longer than a few runs, and keeps what it measured in
 * {@code smoke/soak}.
 */
@ExtendWith(Seeds.Given.class)
class SoakCatalogs {
    private static final String PART = "sink.soak.part";
    private static final long SECONDS = Long.getLong(PART, 1);
    private static final boolean KEPT = System.getProperty(PART) != null;
    private static final int APPENDERS = 4;
    private static final int APPEND_PAUSE = 3000;
    private static final int DELETE_PAUSE = 5000;

    /**
     * Writers that try again soon, and not for so long that what they began from has expired, and a log of metadata that
     * does not grow.
     */
    private static final Map<String, String> PROPERTIES = Map.of(
            "format-version", "3",
            "commit.retry.num-retries", "5",
            "commit.retry.min-wait-ms", "10",
            "commit.retry.max-wait-ms", "500",
            "write.metadata.delete-after-commit.enabled", "true",
            "write.metadata.previous-versions-max", "50");

    @TempDir
    Path directory;

    @Test
    void sqlite(Seeds seeds) throws Exception {
        seeds.once(PART, draws -> {
            try (Lake lake = Lake.make(directory)) {
                create(lake.catalog());
                configure(Lake.CONFIGURATION);
                soak("SQLite", () -> lake.catalog().loadTable(Lake.id("t")), draws);
            }
        });
    }

    @Test
    void rest(Seeds seeds) throws Exception {
        seeds.once(PART, draws -> {
            try (Lake lake = Lake.make(directory);
                    RestServer server = RestServer.start(lake.catalog());
                    RESTCatalog rest = new RESTCatalog()) {
                create(lake.catalog());
                rest.initialize(
                        "lake",
                        Map.of(
                                CatalogProperties.URI,
                                server.uri(),
                                CatalogProperties.FILE_IO_IMPL,
                                RoutedFileIO.class.getName()));
                configure("""
                        version: 1
                        catalogs:
                          lake: { type: rest, uri: "%s" }
                        """.formatted(server.uri()));
                soak("REST", () -> rest.loadTable(Lake.id("t")), draws);
            }
        });
    }

    @Test
    void postgres(Seeds seeds) throws Exception {
        seeds.once(PART, draws -> {
            String warehouse = directory.resolve("tables").toString();
            try (Postgres postgres = Postgres.start();
                    JdbcCatalog catalog = postgres.make("lake", warehouse, Map.of())) {
                catalog.createNamespace(Namespace.of("web"));
                create(catalog);
                configure("""
                        version: 1
                        catalogs:
                          lake: { type: jdbc, uri: "%s", warehouse: %s, jdbc.user: %s, jdbc.password: "%s" }
                        """.formatted(postgres.uri(), warehouse, Postgres.USER, Postgres.PASSWORD));
                soak("Postgres", () -> catalog.loadTable(Lake.id("t")), draws);
            }
        });
    }

    @Test
    void path(Seeds seeds) throws Exception {
        seeds.once(PART, draws -> {
            Path warehouse = Files.createDirectory(directory.resolve("paths"));
            PathTable table = PathTable.create(warehouse, "t", 3, new HashMap<>(PROPERTIES));
            configure("""
                    version: 1
                    catalogs:
                      lake: { type: path, warehouse: %s }
                    """.formatted(warehouse));
            soak("path", table::load, draws);
        });
    }

    private static void create(JdbcCatalog catalog) {
        catalog.createTable(Lake.id("t"), PathTable.SCHEMA, PartitionSpec.unpartitioned(), PROPERTIES);
    }

    private void configure(String yaml) throws IOException {
        Files.writeString(directory.resolve("sink.yaml"), yaml);
    }

    private void soak(String catalog, Supplier<? extends Table> table, Draws draws)
            throws IOException, InterruptedException {
        List<String> only =
                List.of(System.getProperty("sink.soak.catalogs", catalog).split(","));
        assumeTrue(only.contains(catalog), "not among those that are asked for");
        Soak.Result result;
        try (Writers writers = new Writers(table::get, draws.seed())) {
            writers.fill(10);
            for (int i = 0; i < APPENDERS; i++) {
                writers.append(APPEND_PAUSE);
            }
            writers.delete(DELETE_PAUSE);
            result = new Soak(directory, catalog).run(SECONDS, draws.seed(), KEPT);
            writers.close();
            System.out.printf(
                    "SoakCatalogs: %s, %d s: %s, %d appends of %d rows, %d deleted, %d deletions begun again%n",
                    catalog,
                    SECONDS,
                    result,
                    writers.appends.get(),
                    writers.appended.size(),
                    writers.deleted.size(),
                    writers.lost.get());
            assertThat(writers.failures()).isEmpty();
            assertThat(result.landed() + result.lost()).isPositive();
            BaseTable now = (BaseTable) table.get();
            SecondReader reader = SecondReader.of(
                    SecondReader.local(now.operations().current().metadataFileLocation()), SecondReader::local);
            Accounts.assertRows(reader, writers);
            Accounts.assertNothingLeft(reader, SecondReader.local(now.location()));
        }
    }
}
