package soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** All parts that were kept, and what is made of them: a table and a plot. */
final class Parts {
    /** What must not grow, with its unit and how many of what is counted make one of it. */
    enum Figure {
        HEAP("heap, MB", Sample::heap, 1024),
        RESIDENT("resident, MB", Sample::resident, 1024),
        DESCRIPTORS("file descriptors", Sample::descriptors, 1),
        THREADS("threads", Sample::threads, 1),
        TEMPORARY("temporary files", Sample::temporary, 1),
        LOCKS("lock files", Sample::state, 1);

        final String title;
        final ToLongFunction<Sample> of;
        final double unit;

        Figure(String title, ToLongFunction<Sample> of, double unit) {
            this.title = title;
            this.of = of;
            this.unit = unit;
        }
    }

    private static final String HEAD = "catalog,begun,seed,second,rounds,landed,lost,heap_kib,resident_kib,descriptors,"
            + "threads,temporary,locks";
    private static final int KEYS = 3;

    private final List<Part> all;

    private Parts(List<Part> all) {
        this.all = all;
    }

    /** Those of a file, none if it is not there. */
    static Parts in(Path csv) throws IOException {
        Map<List<String>, List<Sample>> samples = new LinkedHashMap<>();
        if (Files.exists(csv)) {
            Files.readAllLines(csv).stream().skip(1).forEach(line -> {
                List<String> fields = List.of(line.split(",", KEYS + 1));
                samples.computeIfAbsent(fields.subList(0, KEYS), any -> new ArrayList<>())
                        .add(Sample.of(fields.get(KEYS)));
            });
        }
        List<Part> parts = new ArrayList<>();
        samples.forEach((key, of) -> parts.add(new Part(key.get(0), key.get(1), Long.parseLong(key.get(2)), of)));
        return new Parts(parts);
    }

    /** With one part more. */
    Parts plus(Part part) {
        List<Part> more = new ArrayList<>(all);
        more.add(part);
        return new Parts(more);
    }

    /** Keeps them, and writes what they come to beside them. */
    void write(Path csv) throws IOException {
        List<String> lines = new ArrayList<>(List.of(HEAD));
        all.forEach(part -> lines.addAll(part.lines()));
        Files.write(csv, lines);
        Files.writeString(csv.resolveSibling("results.md"), table());
        Files.writeString(csv.resolveSibling("results.svg"), SoakPlot.of(byCatalog()));
    }

    private Map<String, List<Part>> byCatalog() {
        return all.stream()
                .collect(Collectors.groupingBy(Part::catalog, LinkedHashMap::new, Collectors.toUnmodifiableList()));
    }

    /** A slope for each catalog and figure, and the parts. */
    String table() {
        StringBuilder text = new StringBuilder("""
                # Hours at one table

                Written by `SoakCatalogs` ([how](../README.md#soak)). Four appenders and a deleter work on one table; one process runs the
                program's command line again and again in itself, which no installation does, so that what a run leaves in it adds up. After each run,
                and a full collection, it says what it holds. Growth an hour is by least squares over the second halves of all parts, each of which begins where
                it will: in the first half, a JVM's memory and the history of the table grow to their size, as the plot shows. ± is twice the standard error.

                | Catalog | Parts | Minutes | Runs | Compactions landed | lost |""");
        for (Figure figure : Figure.values()) {
            text.append(' ').append(figure.title).append(" an hour |");
        }
        text.append("\n|").append("---|".repeat(6 + Figure.values().length)).append('\n');
        byCatalog().forEach((catalog, parts) -> {
            text.append("| %s | %d | %d | %d | %d | %d |"
                    .formatted(
                            catalog,
                            parts.size(),
                            sum(parts, Sample::second) / 60,
                            sum(parts, Sample::rounds),
                            sum(parts, Sample::landed),
                            sum(parts, Sample::lost)));
            for (Figure figure : Figure.values()) {
                Trend trend = Trend.of(parts, figure.of);
                text.append(String.format(
                        Locale.ROOT, " %+.2f ± %.2f |", trend.perHour() / figure.unit, trend.error() / figure.unit));
            }
            text.append('\n');
        });
        text.append("""

                ![What one process holds, minute by minute](results.svg)

                | Catalog | Begun | Minutes | Seed |
                |---|---|---|---|
                """);
        all.forEach(part -> text.append("| %s | %s | %d | %d |%n"
                .formatted(part.catalog(), part.begun(), part.last().second() / 60, part.seed())));
        return text.toString();
    }

    private static long sum(List<Part> parts, ToLongFunction<Sample> figure) {
        return parts.stream().mapToLong(part -> figure.applyAsLong(part.last())).sum();
    }
}
