package io.sink.worlds;

import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.RestServer.Interceptor.Answer;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.jspecify.annotations.Nullable;

/** A catalog of a world, and what is wrong with it. */
final class Cat implements AutoCloseable {
    static final String NAMESPACE = "n";

    enum Kind {
        JDBC,
        REST,
        PATH
    }

    /** How a run finds the catalog. */
    enum Breakage {
        NONE,
        REFUSED,
        NOT_FOUND,
        FORBIDDEN,
        ERROR,
        BROKEN_PAGE,
        MISSING;

        /** Whether a table that is asked for by its name is served all the same. */
        boolean answers() {
            return this == NOT_FOUND || this == FORBIDDEN || this == ERROR || this == BROKEN_PAGE;
        }
    }

    final String name;
    final Kind kind;
    final Breakage breakage;
    final Path database;
    /** The name by which the rows of the database are this catalog's. */
    final String owner;

    final String warehouse;
    private @Nullable RestServer server;
    private @Nullable JdbcCatalog backend;

    Cat(String name, Kind kind, Breakage breakage, Path database, String owner, String warehouse) {
        this.name = name;
        this.kind = kind;
        this.breakage = breakage;
        this.database = database;
        this.owner = owner;
        this.warehouse = warehouse;
    }

    /** Starts the server of a REST catalog. */
    void serve(Ground ground) {
        if (kind != Kind.REST) {
            return;
        }
        backend = new JdbcCatalog(properties -> ground.io(), null, false);
        backend.initialize(
                owner,
                Map.of(
                        "uri",
                        "jdbc:sqlite:" + database,
                        "warehouse",
                        warehouse,
                        "jdbc.schema-version",
                        "V1",
                        "jdbc.busy_timeout",
                        "30000",
                        "jdbc.synchronous",
                        "OFF"));
        server = RestServer.start(backend);
        server.intercept(new Interceptor() {
            @Override
            public Answer before(HttpServletRequest request) {
                return broken(request);
            }
        });
    }

    private Answer broken(HttpServletRequest request) {
        String query = request.getQueryString() == null ? "" : request.getQueryString();
        boolean root = request.getRequestURI().endsWith("/v1/namespaces") && !query.contains("parent=");
        boolean further = request.getRequestURI().endsWith("/tables") && query.matches(".*pageToken=[^&].*");
        return switch (breakage) {
            case NOT_FOUND -> root ? Answer.status(404, "NoSuchNamespaceException") : Answer.PASS;
            case FORBIDDEN -> root ? Answer.status(403, "ForbiddenException") : Answer.PASS;
            case ERROR -> root ? Answer.status(500, "InternalServerError") : Answer.PASS;
            case BROKEN_PAGE -> further ? Answer.status(500, "InternalServerError") : Answer.PASS;
            case NONE, REFUSED, MISSING -> Answer.PASS;
        };
    }

    boolean isBroken() {
        return breakage != Breakage.NONE;
    }

    void mend() {
        if (server != null) {
            server.intercept(new Interceptor() {});
        }
    }

    /** The catalog's lines of a configuration. */
    String yaml(Ground ground, boolean mended) {
        Map<String, String> lines = new TreeMap<>(ground.properties());
        lines.put("type", kind.name().toLowerCase(Locale.ROOT));
        boolean missing = breakage == Breakage.MISSING && !mended;
        switch (kind) {
            case JDBC -> {
                lines.put("uri", "jdbc:sqlite:" + database + (missing ? ".missing" : ""));
                lines.put("warehouse", warehouse);
                lines.put("jdbc.synchronous", "OFF");
            }
            case PATH -> lines.put("warehouse", warehouse + (missing ? "-missing" : ""));
            case REST -> {
                String uri = server == null ? "" : server.uri();
                lines.put("uri", breakage == Breakage.REFUSED && !mended ? "http://127.0.0.1:1" : uri);
                lines.put("rest.client.max-retries", "1");
                lines.put("rest-page-size", "1");
            }
        }
        StringBuilder yaml = new StringBuilder("  " + name + ":\n");
        lines.forEach((key, value) ->
                yaml.append("    ").append(key).append(": \"").append(value).append("\"\n"));
        return yaml.toString();
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        if (backend != null) {
            backend.close();
        }
    }

    @Override
    public String toString() {
        return name + " (" + kind + (isBroken() ? ", " + breakage : "") + ")";
    }
}
