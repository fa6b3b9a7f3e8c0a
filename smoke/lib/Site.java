package lib;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.testing.Exchange;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/** A place where tables live: a catalog and a storage of real servers, on which a service of its own makes tables. */
public final class Site implements AutoCloseable {
    /** The namespace of tables in a catalog. */
    public static final String NAMESPACE = "web";

    private final String name;
    private final Engine engine;
    private final Function<String, Path> locate;
    private final Deque<AutoCloseable> servers = new ArrayDeque<>();
    private String properties = "";
    private Map<String, String> environment = Map.of();
    private @Nullable FaultyWire wire;
    private Predicate<Exchange> commit = exchange -> false;

    /** The service's own way to its tables. */
    interface Engine {
        /** Makes an empty table. */
        BaseTable create(String table, Map<String, String> properties);

        BaseTable load(String table);

        /** The table's name within the catalog. */
        String nameOf(String table);
    }

    /** @param locate gives the local file of a location in a table's metadata */
    Site(String name, Engine engine, Function<String, Path> locate) {
        this.name = name;
        this.engine = engine;
        this.locate = locate;
    }

    /** What {@code sink} is told of the catalog, as YAML; what comes from the environment besides. */
    Site configured(String yaml, Map<String, String> variables) {
        this.properties = yaml;
        this.environment = Map.copyOf(variables);
        return this;
    }

    /** The wire between {@code sink} and the server that commits are made to. */
    Site wired(FaultyWire to, Predicate<Exchange> commits) {
        this.wire = to;
        this.commit = commits;
        return this;
    }

    /** Closes these, the last first, when this is closed. */
    Site with(AutoCloseable... closed) {
        List.of(closed).forEach(servers::push);
        return this;
    }

    /** An Iceberg catalog as the service's way. */
    static Engine engine(Catalog catalog) {
        return new Engine() {
            @Override
            public BaseTable create(String table, Map<String, String> more) {
                return (BaseTable)
                        catalog.createTable(id(table), PathTable.SCHEMA, PartitionSpec.unpartitioned(), more);
            }

            @Override
            public BaseTable load(String table) {
                return (BaseTable) catalog.loadTable(id(table));
            }

            @Override
            public String nameOf(String table) {
                return NAMESPACE + "." + table;
            }
        };
    }

    /** Tables by path as the service's way; a source of them, and a directory that is what the source sees. */
    static Engine engine(TableSource source, Path directory, String location) {
        return new Engine() {
            @Override
            public BaseTable create(String table, Map<String, String> more) {
                PathTable.create(directory, table, location + "/" + table, more);
                return load(table);
            }

            @Override
            public BaseTable load(String table) {
                return source.load(new TableRef("lake", List.of(), table));
            }

            @Override
            public String nameOf(String table) {
                return table;
            }
        };
    }

    static TableIdentifier id(String table) {
        return TableIdentifier.of(NAMESPACE, table);
    }

    /** Makes a table of {@link PathTable#SCHEMA}. */
    public LakeTable create(String table, int formatVersion) {
        return new LakeTable(engine.create(table, Map.of("format-version", Integer.toString(formatVersion))));
    }

    /** The table's name in a report. */
    public String fullName(String table) {
        return "lake." + engine.nameOf(table);
    }

    /** A configuration that knows the catalog as {@code lake}, and expires and compacts whatever can be. */
    public String configuration() {
        return """
                version: 1
                catalogs:
                  lake:
                %s
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 3, min-input-files: 2, verify: full }
                """.formatted(properties.strip().indent(4).stripTrailing());
    }

    /** The program in a directory, configured for this place. */
    public Sink sink(Path directory) throws IOException {
        Sink sink = Sink.in(directory).configured(configuration());
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            sink = sink.with(variable.getKey(), variable.getValue());
        }
        return sink;
    }

    /** A second reader of what the table is now. */
    public SecondReader reader(String table) {
        String metadata = engine.load(table).operations().current().metadataFileLocation();
        return SecondReader.of(locate.apply(metadata), locate);
    }

    /** The directory that holds the table's files. */
    public Path directory(String table) {
        return locate.apply(engine.load(table).location());
    }

    /** The table's state now, to be held against what a run leaves of it. */
    public Before before(String table) {
        return Before.of(directory(table), () -> reader(table), locate);
    }

    /** The wire that commits go through, or null where there is none to cut. */
    public @Nullable FaultyWire wire() {
        return wire;
    }

    /** Whether this is a request that commits. */
    public boolean isCommit(Exchange exchange) {
        return commit.test(exchange);
    }

    @Override
    public void close() throws Exception {
        while (!servers.isEmpty()) {
            servers.pop().close();
        }
    }

    /** The row of the matrix. */
    @Override
    public String toString() {
        return name;
    }
}
