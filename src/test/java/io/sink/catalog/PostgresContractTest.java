package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.Postgres;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** As {@link JdbcContractTest}, with a Postgres server behind the catalog. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresContractTest extends JdbcContractTest {

    private final Postgres server = Postgres.start();
    private Postgres database = server;

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Override
    JdbcCatalog engine() {
        database = server.database();
        return database.make(CATALOG, directory.toString(), Map.of());
    }

    @Override
    TableSource open() {
        return OpenCatalogs.open(CATALOG, "jdbc", database.properties("."), directory);
    }

    @Test
    void a_wrong_password_is_refused_by_the_server() {
        Map<String, String> wrong = new HashMap<>(database.properties("."));
        wrong.put("jdbc.password", "another");

        assertThatThrownBy(() -> OpenCatalogs.open(CATALOG, "jdbc", wrong, directory))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("password authentication failed")
                .hasMessageNotContaining("another");
    }
}
