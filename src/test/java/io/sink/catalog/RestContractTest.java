package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.RestServer;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As {@link JdbcContractTest}, with a server between. */
class RestContractTest extends JdbcContractTest {

    private RestServer server;

    @BeforeEach
    void startServer() {
        server = RestServer.start(engine);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Override
    TableSource open() {
        return Catalogs.open(CATALOG, "rest", Map.of("uri", server.uri()), directory);
    }

    @Test
    void lists_a_namespace_only_when_the_walk_reaches_it() {
        makeTable(List.of("a"), "first");
        makeTable(List.of("b"), "second");

        try (TableSource source = open()) {
            source.list().next();

            assertThat(server.requests()).contains("GET /v1/namespaces/a/tables");
            assertThat(server.requests()).doesNotContain("GET /v1/namespaces/b/tables");
        }
    }

    @Test
    void a_listing_that_fails_says_so_and_does_not_end() {
        makeTable(List.of("a"), "first");
        makeTable(List.of("b"), "second");

        try (TableSource source = open()) {
            Iterator<TableRef> tables = source.list();
            tables.next();
            server.intercept(new RestServer.Interceptor() {
                @Override
                public Answer before(String method, String path) {
                    return Answer.status(403, "ForbiddenException");
                }
            });

            assertThatThrownBy(tables::hasNext).isInstanceOf(ForbiddenException.class);

            server.intercept(new RestServer.Interceptor() {});
            assertThat(names(tables)).containsExactly("lake.b.second");
        }
    }
}
