package io.sink.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.RestServer.Interceptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestServerTest {

    private static final TableIdentifier EVENTS = TableIdentifier.of("web", "events");
    private static final String PATH = "/v1/namespaces/web/tables/events";

    @TempDir
    Path directory;

    private JdbcCatalog backend;
    private RestServer server;
    private RESTCatalog client;

    @BeforeEach
    void start() {
        backend = SqliteCatalog.make("lake", directory);
        backend.createNamespace(Namespace.of("web"));
        backend.createTable(EVENTS, new Schema(Types.NestedField.required(1, "id", Types.LongType.get())));
        server = RestServer.start(backend);
        client = new RESTCatalog();
        client.initialize("lake", Map.of("uri", server.uri(), "io-impl", "io.sink.catalog.RoutedFileIO"));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        backend.close();
    }

    @Test
    void an_answer_before_keeps_the_request_from_the_catalog() {
        Table table = client.loadTable(EVENTS);
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                return isCommit(method, path) ? Answer.status(409, "CommitFailedException") : Answer.PASS;
            }
        });

        assertThatThrownBy(() -> table.updateSchema()
                        .addColumn("late", Types.LongType.get())
                        .commit())
                .isInstanceOf(CommitFailedException.class);

        assertThat(backend.loadTable(EVENTS).schema().columns()).hasSize(1);
        assertThat(server.requests()).contains("POST " + PATH);
    }

    @Test
    void an_answer_after_loses_the_truth_about_what_was_done() {
        Table table = client.loadTable(EVENTS);
        server.intercept(new Interceptor() {
            @Override
            public Answer after(String method, String path) {
                return isCommit(method, path) ? Answer.status(409, "CommitFailedException") : Answer.PASS;
            }
        });

        assertThatThrownBy(() -> table.updateSchema()
                        .addColumn("late", Types.LongType.get())
                        .commit())
                .isInstanceOf(CommitFailedException.class);

        assertThat(backend.loadTable(EVENTS).schema().columns()).hasSize(2);
    }

    @Test
    void a_dropped_connection_is_a_rest_exception_whether_it_was_done_or_not() {
        Table table = client.loadTable(EVENTS);
        server.intercept(new Interceptor() {
            @Override
            public Answer after(String method, String path) {
                return isCommit(method, path) ? Answer.DROP : Answer.PASS;
            }
        });

        assertThatThrownBy(() -> table.updateSchema()
                        .addColumn("late", Types.LongType.get())
                        .commit())
                .isInstanceOf(RESTException.class);

        assertThat(backend.loadTable(EVENTS).schema().columns()).hasSize(2);
        assertThat(server.requests().stream().filter(("POST " + PATH)::equals)).hasSize(1);
    }

    @Test
    void a_commit_is_sent_again_after_503_with_retry_after() {
        Table table = client.loadTable(EVENTS);
        server.intercept(new Interceptor() {
            private boolean answered;

            @Override
            public Answer after(String method, String path) {
                if (answered || !isCommit(method, path)) {
                    return Answer.PASS;
                }
                answered = true;
                return Answer.status(503, "ServiceUnavailableException", Map.of("Retry-After", "1"));
            }
        });

        assertThatThrownBy(() -> table.updateSchema()
                        .addColumn("late", Types.LongType.get())
                        .commit())
                .isInstanceOf(CommitFailedException.class);

        assertThat(backend.loadTable(EVENTS).schema().columns()).hasSize(2);
        assertThat(server.requests().stream().filter(("POST " + PATH)::equals)).hasSize(2);
    }

    private static boolean isCommit(String method, String path) {
        return method.equals("POST") && path.equals(PATH);
    }
}
