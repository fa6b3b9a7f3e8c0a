package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.config.ConfigLoader;
import io.sink.config.PolicyResolver;
import io.sink.config.SinkConfig;
import io.sink.run.CatalogTables;
import io.sink.storage.Locations;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.testing.PathTable;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
    @TempDir
    Path directory;

    @Test
    void every_table_of_the_catalogs_is_known_with_the_places_that_its_rule_gives_to_it() throws IOException {
        try (JdbcCatalog catalog = SqliteCatalog.make("lake", directory)) {
            catalog.createNamespace(Namespace.of("db"));
            catalog.createTable(TableIdentifier.of("db", "landed"), PathTable.SCHEMA);
            catalog.createTable(TableIdentifier.of("db", "other"), PathTable.SCHEMA);
        }
        Map<String, String> properties = SqliteCatalog.properties(directory);
        Path file = Files.writeString(
                directory.resolve("sink.yaml"), """
                version: 1
                catalogs:
                  lake: { type: jdbc, uri: "%s", warehouse: "%s" }
                tables:
                  - match: lake.db.landed
                    expire: { exclusive-locations: [/mnt/landing] }
                """.formatted(properties.get("uri"), properties.get("warehouse")));
        SinkConfig config = ConfigLoader.load(file, Map.of());
        Session session =
                new Session(config, new PolicyResolver(config, Map.of(), Map.of(), Instant.EPOCH), Instant.EPOCH);

        try (CatalogTables tables = session.tables()) {
            List<KnownTable> known = tables.survey(() -> {}).tables();

            assertThat(known).extracting(KnownTable::name).containsExactly("lake.db.landed", "lake.db.other");
            assertThat(known.get(0).given()).extracting(Locations.Place::root).containsExactly("/mnt/landing/");
            assertThat(known.get(1).given()).isEmpty();
        }
    }
}
