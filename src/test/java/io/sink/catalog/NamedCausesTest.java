package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sink.table.Failures;
import io.sink.testing.PathTable;
import io.sink.testing.SqliteCatalog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The message names the thing, its value, and what to do. */
class NamedCausesTest {
    @TempDir
    Path directory;

    @Test
    void tables_under_another_catalog_name_are_told_of() {
        try (var catalog = SqliteCatalog.make("prod", directory)) {
            catalog.createNamespace(Namespace.of("db"));
            catalog.createTable(TableIdentifier.of("db", "t"), PathTable.SCHEMA);
        }

        assertThat(warnings("lake", Map.of()))
                .contains("no table under the name \"lake\"", "\"prod\" (1 tables)", "set catalog-name");
        assertThat(warnings("lake", Map.of("catalog-name", "prod"))).isEmpty();
    }

    private String warnings(String name, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(directory));
        properties.putAll(more);
        Logger logger = (Logger) LoggerFactory.getLogger(JdbcCatalogs.class);
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        Level before = logger.getLevel();
        logger.setLevel(Level.WARN);
        logger.addAppender(heard);
        try {
            Catalogs.open(name, "jdbc", properties, directory, given -> {}).close();
        } finally {
            logger.detachAppender(heard);
            logger.setLevel(before);
        }
        StringBuilder text = new StringBuilder();
        heard.list.forEach(event -> text.append(event.getFormattedMessage()));
        return text.toString();
    }

    @Test
    void a_uri_without_scheme_is_told_with_what_to_write() {
        assertThatThrownBy(() -> Catalogs.open("lake", "rest", Map.of("uri", "localhost:8181"), directory, given -> {}))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("uri \"localhost:8181\" has no scheme: write https://localhost:8181");
    }

    @Test
    void a_page_of_html_is_cut_to_a_line_with_its_title() {
        String page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
                + "<body>x</body>".repeat(2000) + "</html>";

        String message = Failures.message(new ServiceFailureException("Service failed: 502: %s", page));

        assertThat(message)
                .startsWith("Service failed: 502: the server answered with a page of HTML and not with JSON: check uri")
                .endsWith("(its title: 502 Bad Gateway)")
                .doesNotContain("<");
    }

    @Test
    void the_advice_to_sweep_orphans_is_not_passed_on() {
        assertThat(Failures.message(new CommitStateUnknownException(new IllegalStateException("no answer"))))
                .isEqualTo("no answer");
    }
}
