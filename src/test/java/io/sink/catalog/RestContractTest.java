package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.RestServer;
import jakarta.servlet.http.HttpServletRequest;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.TableIdentifier;
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
        return open(Map.of());
    }

    private TableSource open(Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(more);
        properties.put("uri", server.uri());
        return OpenCatalogs.open(CATALOG, "rest", properties, directory);
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

    @Test
    void every_page_of_a_listing_is_asked_for_and_a_server_without_pages_is_asked_once() {
        for (int table = 0; table < 5; table++) {
            makeTable(List.of("web"), "t" + table);
        }
        List<String> tables = List.of("lake.web.t0", "lake.web.t1", "lake.web.t2", "lake.web.t3", "lake.web.t4");

        try (TableSource whole = open();
                TableSource paged = open(Map.of("rest-page-size", "2"))) {
            assertThat(names(whole.list())).containsExactlyInAnyOrderElementsOf(tables);
            long asked = listings();
            assertThat(names(paged.list())).containsExactlyInAnyOrderElementsOf(tables);
            assertThat(asked).isEqualTo(1);
            assertThat(listings() - asked).isEqualTo(3);
        }
    }

    private long listings() {
        return server.requests().stream()
                .filter("GET /v1/namespaces/web/tables"::equals)
                .count();
    }

    /** Some servers list views with the tables, and say so only when one is loaded. */
    @Test
    void a_view_that_is_listed_among_the_tables_is_no_table_and_what_is_forbidden_is_so_for_itself() {
        makeTable(List.of("web"), "events");
        makeTable(List.of("web"), "secret");
        server.intercept(new RestServer.Interceptor() {
            @Override
            public String body(String method, String path, String body) {
                return path.endsWith("/web/tables")
                        ? body.replace(
                                "\"identifiers\":[", "\"identifiers\":[{\"namespace\":[\"web\"],\"name\":\"a_view\"},")
                        : body;
            }

            @Override
            public Answer before(String method, String path) {
                return path.endsWith("/secret") ? Answer.status(403, "ForbiddenException") : Answer.PASS;
            }
        });

        try (TableSource source = open()) {
            assertThat(names(source.list()))
                    .containsExactlyInAnyOrder("lake.web.a_view", "lake.web.events", "lake.web.secret");
            assertThat(reason(source, new TableRef(CATALOG, List.of("web"), "a_view")))
                    .isEqualTo(Reason.NO_TABLE);
            assertThat(reason(source, new TableRef(CATALOG, List.of("web"), "secret")))
                    .isEqualTo(Reason.PERMISSION_DENIED);
            assertThat(source.load(new TableRef(CATALOG, List.of("web"), "events"))
                            .schema()
                            .columns())
                    .hasSize(2);
        }
    }

    @Test
    void a_server_chooses_the_separator_of_nested_namespaces() {
        makeTable(List.of("web", "eu"), "events");
        server.intercept(new RestServer.Interceptor() {
            @Override
            public String body(String method, String path, String body) {
                return path.endsWith("/v1/config")
                        ? body.replaceFirst("\"namespace-separator\":\"[^\"]*\"", "\"namespace-separator\":\"%7C\"")
                        : body;
            }
        });

        try (TableSource source = open()) {
            TableRef nested = new TableRef(CATALOG, List.of("web", "eu"), "events");
            assertThat(reason(source, nested)).isEqualTo(Reason.NO_TABLE); // this one keeps to its own
        }

        assertThat(server.requests()).contains("GET /v1/namespaces/web%7Ceu/tables/events");
    }

    private static Reason reason(TableSource source, TableRef ref) {
        try {
            source.load(ref);
            throw new AssertionError(ref + " was loaded");
        } catch (RuntimeException e) {
            return Failures.loadReason(e);
        }
    }

    /** The key makes the client send a commit again whose answer was lost; the server may do it twice or once. */
    @Test
    void where_the_server_keeps_keys_a_commit_carries_one_and_is_sent_again_with_the_same() {
        makeTable(List.of("web"), "events");
        List<String> keys = new CopyOnWriteArrayList<>();
        server.intercept(new RestServer.Interceptor() {
            @Override
            public String body(String method, String path, String body) {
                return path.endsWith("/v1/config")
                        ? body.replaceFirst("\\{", "{\"idempotency-key-lifetime\":\"PT30M\",")
                        : body;
            }

            @Override
            public Answer before(HttpServletRequest request) {
                if (request.getMethod().equals("POST")) {
                    keys.add(String.valueOf(request.getHeader("Idempotency-Key")));
                }
                return Answer.PASS;
            }

            @Override
            public Answer after(String method, String path) {
                return method.equals("POST") && keys.size() == 1
                        ? Answer.status(500, "InternalServerError")
                        : Answer.PASS;
            }
        });

        try (TableSource source = open(Map.of("rest.client.max-retries", "1"))) {
            BaseTable table = source.load(new TableRef(CATALOG, List.of("web"), "events"));
            table.updateProperties().set("owner", "ops").commit();
            table.updateProperties().set("owner", "web").commit();
        }

        assertThat(keys).hasSize(3).doesNotContain("null");
        assertThat(keys.get(1)).isEqualTo(keys.get(0));
        assertThat(keys.get(2)).isNotEqualTo(keys.get(0));
        assertThat(engine.loadTable(TableIdentifier.of("web", "events")).properties())
                .containsEntry("owner", "web");
    }

    @Test
    void where_the_server_keeps_no_keys_none_is_sent_and_a_header_of_the_configuration_is_on_every_request() {
        makeTable(List.of("web"), "events");
        List<String> keys = new CopyOnWriteArrayList<>();
        List<String> tenants = new CopyOnWriteArrayList<>();
        server.intercept(new RestServer.Interceptor() {
            @Override
            public Answer before(HttpServletRequest request) {
                if (request.getMethod().equals("POST")) {
                    keys.add(String.valueOf(request.getHeader("Idempotency-Key")));
                }
                tenants.add(String.valueOf(request.getHeader("X-Tenant")));
                return Answer.PASS;
            }
        });

        try (TableSource source = open(Map.of("header.X-Tenant", "night"))) {
            BaseTable table = source.load(new TableRef(CATALOG, List.of("web"), "events"));
            table.updateProperties().set("owner", "ops").commit();
        }

        assertThat(keys).containsExactly("null");
        assertThat(tenants).hasSizeGreaterThan(2).containsOnly("night");
    }
}
