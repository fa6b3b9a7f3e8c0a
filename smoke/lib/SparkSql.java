package lib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Spark with Iceberg's runtime, in a JVM of its own: SQL in, rows as JSON lines out.
 *
 * <p>Its class path comes from {@code smoke/lib/spark/pom.xml} and is resolved once for each line of Spark; statements
 * of one {@link #run} share a session, which takes some seconds to start.
 *
 * @param work a directory for scripts, answers and Spark's scratch files
 * @param conf Spark's configuration, such as that of {@link #jdbcCatalog} or {@link #hadoopCatalog}
 */
public record SparkSql(Path work, Map<String, String> conf) {
    /** The line of Spark that runs: {@code -Dsink.spark=3.5} asks for the older one. */
    public static final String VERSION = System.getProperty("sink.spark", "4.1");

    private static final EngineClassPath CLASS_PATH =
            EngineClassPath.of("spark-" + VERSION, "spark", "SparkScript", "-Pspark-" + VERSION);
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /** What Spark's launcher opens to Spark on Java 17 and later. */
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.security.action",
            "sun.util.calendar");

    public SparkSql {
        conf = Map.copyOf(conf);
    }

    /** Configuration of an Iceberg JDBC catalog on a SQLite file, tables in {@code warehouse} on local disk. */
    public static Map<String, String> jdbcCatalog(String name, Path sqlite, Path warehouse) {
        return jdbcCatalog(name, sqlite, warehouse.toUri().toString(), Map.of());
    }

    /** The same with a warehouse anywhere, and the properties that its storage needs. */
    public static Map<String, String> jdbcCatalog(
            String name, Path sqlite, String warehouse, Map<String, String> storage) {
        Map<String, String> properties = new LinkedHashMap<>(storage);
        properties.put("catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog");
        properties.put("uri", "jdbc:sqlite:" + sqlite);
        properties.put("jdbc.schema-version", "V1");
        properties.put("warehouse", warehouse);
        return catalog(name, properties);
    }

    /** Configuration of an Iceberg Hadoop catalog: tables are directories below {@code warehouse}. */
    public static Map<String, String> hadoopCatalog(String name, Path warehouse) {
        return catalog(
                name, Map.of("type", "hadoop", "warehouse", warehouse.toUri().toString()));
    }

    private static Map<String, String> catalog(String name, Map<String, String> properties) {
        String prefix = "spark.sql.catalog." + name;
        Map<String, String> conf = new LinkedHashMap<>();
        conf.put(prefix, "org.apache.iceberg.spark.SparkCatalog");
        conf.put(prefix + ".cache-enabled", "false");
        properties.forEach((key, value) -> conf.put(prefix + "." + key, value));
        return conf;
    }

    /**
     * Runs the statements in order in one new JVM.
     *
     * @return for each statement, its rows as JSON objects, nulls included; none for one without columns
     * @throws IllegalStateException with the tail of Spark's log if a statement fails
     */
    public List<List<String>> run(List<String> statements) throws IOException, InterruptedException {
        // So few statements do not earn back what the second compiler costs.
        Path run = answered(statements, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            rows.add(Files.readAllLines(run.resolve("answers/%04d.sql".formatted(i))));
        }
        return rows;
    }

    /**
     * Runs the statements in order in one new JVM.
     *
     * @return how long Spark took for each, in seconds
     * @throws IllegalStateException with the tail of Spark's log if a statement fails
     */
    public List<Double> timed(List<String> statements) throws IOException, InterruptedException {
        Path run = answered(statements, List.of());
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            String nanos = Files.readString(run.resolve("answers/%04d.sql.nanos".formatted(i)));
            seconds.add(Long.parseLong(nanos) / 1e9);
        }
        return seconds;
    }

    private Path answered(List<String> statements, List<String> options) throws IOException, InterruptedException {
        Path run = prepared(statements);
        List<String> command = new ArrayList<>(command(run));
        command.addAll(1, options);
        EngineClassPath.finish(command, run.resolve("spark.log"), PATIENCE);
        return run;
    }

    /** The command line of a new JVM that runs the statements in order, and ends with 1 if one fails. */
    public List<String> commandLine(List<String> statements) throws IOException, InterruptedException {
        return command(prepared(statements));
    }

    private Path prepared(List<String> statements) throws IOException {
        Files.createDirectories(work);
        Path run = Files.createTempDirectory(work, "spark-");
        Path script = Files.createDirectory(run.resolve("statements"));
        Files.createDirectory(run.resolve("answers"));
        for (int i = 0; i < statements.size(); i++) {
            Files.writeString(script.resolve("%04d.sql".formatted(i)), statements.get(i));
        }
        return run;
    }

    private List<String> command(Path run) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        OPENED.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
        command.addAll(List.of(
                "-Xmx" + conf.getOrDefault("spark.driver.memory", "1g"),
                "-Djdk.reflect.useDirectMethodHandle=false",
                "-Dfile.encoding=UTF-8"));
        settings(run).forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-cp", CLASS_PATH.resolved(), "SparkScript"));
        command.add(run.resolve("statements").toString());
        command.add(run.resolve("answers").toString());
        return command;
    }

    private Map<String, String> settings(Path run) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.master", "local[2]");
        settings.put("spark.app.name", "sink-smoke");
        settings.put("spark.driver.host", "127.0.0.1");
        settings.put("spark.driver.bindAddress", "127.0.0.1");
        settings.put("spark.ui.enabled", "false");
        settings.put("spark.local.dir", run.resolve("scratch").toString());
        settings.put("spark.sql.warehouse.dir", run.resolve("warehouse").toString());
        settings.put("spark.sql.shuffle.partitions", "2");
        settings.put("spark.sql.session.timeZone", "UTC");
        settings.put("spark.sql.jsonGenerator.ignoreNullFields", "false");
        settings.put("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions");
        settings.putAll(conf);
        return settings;
    }
}
