package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A REST server that answers a listing with something else than a list has not said that there is nothing. */
@Timeout(60)
class WholeListingTest {
    @TempDir
    Path folder;

    private final InMemoryCatalog backend = new InMemoryCatalog();
    private RestServer server;

    @BeforeEach
    void start() {
        backend.initialize("backend", Map.of());
        backend.createNamespace(Namespace.of("web"));
        backend.createTable(TableIdentifier.of("web", "events"), PathTable.SCHEMA);
        server = RestServer.start(backend);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/namespaces | {} | without a list",
                "/v1/namespaces/web/tables | {} | without a list",
                "/v1/namespaces/web/tables | {\"error\":{\"message\":\"rate limited\",\"code\":429}} | without a list",
                "/v1/namespaces/web/tables | {\"identifiers\":null} | without a list",
                "/v1/namespaces/web/tables | {\"identifiers\":[],\"next-page-token\":\"\"} | does not end",
                "/v1/namespaces/web/tables | {\"identifiers\":[],\"next-page-token\":\"a\"} | does not end",
                "/v1/namespaces | {\"namespaces\":[],\"next-page-token\":\"a\"} | does not end",
            })
    void what_is_no_whole_list_is_a_failure_of_the_catalog(String path, String body, String why) {
        server.intercept(answering(path, body));

        try (TableSource source = open()) {
            Iterator<TableRef> tables = source.list();
            assertThatThrownBy(tables::hasNext)
                    .hasMessageContaining(why)
                    .satisfies(e -> assertThat(Failures.reason((RuntimeException) e, Reason.CATALOG_UNREACHABLE)
                                    .code())
                            .isEqualTo("catalog-unreachable"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET /v1/{prefix}/namespaces",
        "GET /v1/{prefix}/namespaces/{namespace}/tables",
        "GET /v1/{prefix}/namespaces/{namespace}",
    })
    void a_server_that_does_not_say_that_it_lists_is_asked_all_the_same(String only) {
        server.intercept(answering(
                "/v1/config",
                "{\"defaults\":{},\"overrides\":{},\"endpoints\":[\"" + only
                        + "\",\"GET /v1/{prefix}/namespaces/{namespace}/tables/{table}\"]}"));

        try (TableSource source = open()) {
            assertThat(TableSourceContract.names(source.list())).containsExactly("lake.web.events");
        }
    }

    @Test
    void pages_that_end_are_read_to_the_end_however_often() {
        backend.createTable(TableIdentifier.of("web", "clicks"), PathTable.SCHEMA);
        backend.createNamespace(Namespace.of("ops"));

        try (TableSource source = open()) {
            for (int i = 0; i < 3; i++) {
                assertThat(TableSourceContract.names(source.list()))
                        .containsExactlyInAnyOrder("lake.web.events", "lake.web.clicks");
            }
        }
    }

    private TableSource open() {
        return OpenCatalogs.open("lake", "rest", Map.of("uri", server.uri(), "rest-page-size", "1"), folder);
    }

    private static Interceptor answering(String path, String body) {
        return new Interceptor() {
            @Override
            public Answer before(HttpServletRequest request) {
                return request.getRequestURI().equals(path) ? new Body(body, Map.of()) : Answer.PASS;
            }
        };
    }
}
