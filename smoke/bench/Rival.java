package bench;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lib.Sink;
import lib.SparkSql;

/** A way to rewrite a table's files, or a limit that none can beat. Each is a process of its own. */
public enum Rival {
    SINK("sink", Kind.COMMITS) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            return sink(table, work, "");
        }
    },
    SINK_256M("sink, -Xmx256m", Kind.COMMITS) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            return sink(table, work, "-Xmx256m");
        }
    },
    SINK_COUNTS("sink, --verify counts", Kind.COMMITS) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            return sink(table, work, "", "--verify", "counts");
        }
    },
    SINK_FULL("sink, --verify full", Kind.COMMITS) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            return sink(table, work, "", "--verify", "full");
        }
    },
    SINK_BEFORE("sink, another build", Kind.COMMITS) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            ProcessBuilder process = sink(table, work, "");
            process.command().set(process.command().indexOf("maintain") - 1, System.getProperty("sink.bench.before"));
            return process;
        }
    },
    SPARK("Spark", Kind.COMMITS) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException, InterruptedException {
            Map<String, String> conf = new HashMap<>(SparkSql.hadoopCatalog("lake", table.warehouse()));
            conf.put("spark.driver.memory", "4g");
            return new ProcessBuilder(new SparkSql(work, conf)
                    .commandLine(List.of("CALL lake.system.rewrite_data_files(table => '" + BenchTable.NAMESPACE + "."
                            + table.set() + "')")));
        }
    },
    DUCKDB("DuckDB", Kind.WRITES_FILE) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            Path statement = work.resolve("copy.sql");
            Files.writeString(
                    statement,
                    "COPY (" + Rows.select(table.files(), table.deletes()) + ") TO '" + output(work)
                            + "' (FORMAT parquet, COMPRESSION zstd)");
            return java(
                    List.of(codeOf(DuckDbRun.class), duckdb()),
                    "bench.DuckDbRun",
                    Integer.toString(THREADS),
                    statement.toString());
        }
    },
    ZSTD("zstd limit", Kind.LIMIT) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) throws IOException {
            Path inputs = Files.write(
                    work.resolve("inputs"),
                    table.files().stream().map(Path::toString).toList());
            return java(
                    List.of(
                            codeOf(ZstdLimit.class),
                            HOME.resolve("target/lib/*").toString()),
                    "bench.ZstdLimit",
                    Integer.toString(THREADS),
                    inputs.toString(),
                    output(work).toString());
        }
    },
    COPY("cp + sync", Kind.LIMIT) {
        @Override
        ProcessBuilder prepared(BenchTable table, Path work) {
            return new ProcessBuilder(
                    "/bin/sh",
                    "-c",
                    "cat \"$1\"/data/* >\"$2\" && sync \"$2\"",
                    "sh",
                    table.location().toString(),
                    output(work).toString());
        }
    };

    /** What is left when it has ended. */
    enum Kind {
        /** A new snapshot of the table. */
        COMMITS,
        /** A file with the table's rows. */
        WRITES_FILE,
        /** Nothing that anyone could read. */
        LIMIT
    }

    static final int THREADS = 2;

    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();

    private final String title;
    private final Kind kind;

    Rival(String title, Kind kind) {
        this.title = title;
        this.kind = kind;
    }

    /** The process that does it once, on a table that is as it was made. */
    abstract ProcessBuilder prepared(BenchTable table, Path work) throws IOException, InterruptedException;

    Kind kind() {
        return kind;
    }

    /** What the file is called that is not a table's. */
    static Path output(Path work) {
        return work.resolve("out.parquet");
    }

    /** The files that it left, which can be read as the table's rows. */
    List<Path> left(BenchTable table, Path work) throws IOException {
        return switch (kind) {
            case COMMITS -> table.files();
            case WRITES_FILE -> List.of(output(work));
            case LIMIT -> List.of();
        };
    }

    private static ProcessBuilder sink(BenchTable table, Path work, String jvm, String... more) throws IOException {
        List<String> args = new ArrayList<>(List.of(
                "maintain", "--compact", "--report", "json", "lake." + BenchTable.NAMESPACE + "." + table.set()));
        args.addAll(List.of(more));
        return Sink.in(work)
                .configured("""
                        version: 1
                        catalogs:
                          lake: { type: path, warehouse: %s }
                        maintenance:
                          compact: { min-data-files: 5 }
                        """.formatted(table.warehouse()))
                .with("SINK_JAVA_OPTS", jvm)
                .prepared(args.toArray(String[]::new));
    }

    private static ProcessBuilder java(List<String> classPath, String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath.stream().collect(Collectors.joining(File.pathSeparator))));
        command.addAll(List.of(args));
        return new ProcessBuilder(command);
    }

    private static String codeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String duckdb() {
        try {
            return codeOf(Class.forName("org.duckdb.DuckDBDriver"));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
