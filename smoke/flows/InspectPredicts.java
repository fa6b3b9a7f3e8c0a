package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.demo.DemoWarehouse;
import io.sink.testing.IcebirdFixtures;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.Lake;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an inspection says that each action would do is what the actions then do, to the file and byte. */
class InspectPredicts {
    /** Each is run by itself after a look: what one action changes, another would find changed. */
    private static final List<String> RUNS = List.of("--remove-dangling-deletes", "--rewrite-manifests", "--compact");

    private static final Map<String, String> DONE = Map.of(
            "would-expire", "expired",
            "would-compact", "compacted",
            "would-remove-dangling-deletes", "dangling-deletes-removed",
            "would-rewrite-manifests", "manifests-rewritten");

    /** What no plan can know: the files to write are not written yet. */
    private static final List<String> WRITTEN =
            List.of("bytes_written", "rows_written", "rows_dropped", "files_staged");

    @TempDir
    Path directory;

    @Test
    void tables_of_the_demo() throws IOException, InterruptedException {
        Path folder = Files.createDirectory(directory.resolve("demo"));
        Path configuration = DemoWarehouse.make(folder, 1);

        holds(Sink.in(directory), List.of("-c", configuration.toString()), folder.resolve("warehouse"), 8);
    }

    @Test
    void tables_in_every_state() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory)) {
            lake.create("vectors", 3, Map.of())
                    .appendAndDeleteFirst(1, 2, 3)
                    .append(4)
                    .append(5, 6);
            lake.create("positions", 2, Map.of())
                    .appendAndDeleteFirst(1, 2)
                    .append(3)
                    .replace(4)
                    .append(5);
            lake.create("equality", 2, Map.of())
                    .append(1, 2)
                    .deleteEqual(1)
                    .append(3)
                    .append(1);
            lake.create("tagged", 2, Map.of())
                    .append(1)
                    .tag("kept")
                    .replace(2)
                    .replace(3)
                    .append(4);
            lake.create("counted", 3, Map.of())
                    .append(1)
                    .statistics()
                    .replace(2)
                    .append(3)
                    .append(4);
            lake.create("one", 1, Map.of()).append(1);
            lake.create("late", 2, Map.of()).append(1).deleteTooLate(2).append(3);
        }

        holds(Sink.in(directory).configured(Lake.CONFIGURATION), List.of(), directory.resolve("lake/web"), 7);
    }

    @Test
    void tables_of_icebird() throws IOException, InterruptedException {
        IcebirdFixtures.unpack(directory);
        Sink sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  exports: { type: path, warehouse: ./exports/iceberg, blob-root: ./exports }
                maintenance:
                  expire: { older-than: 0s, retain-last: 1 }
                """);

        holds(sink, List.of(), directory.resolve("exports"), IcebirdFixtures.TABLES_WITH_ROWS.size() + 1);
    }

    private static void holds(Sink sink, List<String> where, Path warehouse, int tables)
            throws IOException, InterruptedException {
        List<String> worked = new ArrayList<>();
        for (String flag : RUNS) {
            Map<String, Long> before = Trees.contents(warehouse);
            Report said = sink.run(args(where, "inspect")).report();
            assertThat(Trees.contents(warehouse)).isEqualTo(before);
            Report done = sink.run(args(where, "maintain", flag)).report();

            assertThat(said.exit()).as(said.toString()).isZero();
            assertThat(said.json().path("tables")).hasSize(tables);
            worked.addAll(equal(actions(said), actions(done)));
        }
        assertThat(worked).hasSizeGreaterThan(2);
    }

    /** Holds what was done against what was said of it; gives the reasons of what was to be done. */
    private static List<String> equal(Map<String, JsonNode> predicted, Map<String, JsonNode> real) {
        List<String> worked = new ArrayList<>();
        assertThat(predicted.keySet()).containsAll(real.keySet());
        for (String action : real.keySet()) {
            JsonNode plan = Objects.requireNonNull(predicted.get(action));
            JsonNode end = Objects.requireNonNull(real.get(action));
            String reason = plan.path("reason").asText();
            assertThat(end.path("reason").asText())
                    .as("%s: %s then %s", action, plan, end)
                    .isEqualTo(DONE.getOrDefault(reason, reason));
            assertThat(effect(end)).as("%s: %s then %s", action, plan, end).isEqualTo(effect(plan));
            assertThat(texts(end.path("deleted_files"))).as(action).isEqualTo(texts(plan.path("deleted_files")));
            if (reason.startsWith("would")) {
                worked.add(reason);
            }
        }
        return worked;
    }

    private static String[] args(List<String> where, String... command) {
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(where);
        args.addAll(List.of("--report", "json", "--min-data-files", "2", "--min-input-files", "2"));
        args.addAll(List.of("--min-manifests", "2"));
        return args.toArray(String[]::new);
    }

    private static Map<String, JsonNode> actions(Report report) {
        Map<String, JsonNode> actions = new TreeMap<>();
        report.json()
                .path("tables")
                .forEach(table -> table.path("actions")
                        .forEach(action -> actions.put(
                                table.path("table").asText() + " "
                                        + action.path("action").asText(),
                                action)));
        return actions;
    }

    private static Map<String, Long> effect(JsonNode action) {
        Map<String, Long> effect = new TreeMap<>();
        action.path("effect").fields().forEachRemaining(count -> {
            if (!WRITTEN.contains(count.getKey()) && !removedByTheWay(action, count.getKey())) {
                effect.put(count.getKey(), count.getValue().asLong());
            }
        });
        return effect;
    }

    /** A compaction's plan says which deletes it applies; whether it may then drop them all hangs on what it writes. */
    private static boolean removedByTheWay(JsonNode action, String count) {
        return count.equals("delete_files_removed")
                && action.path("action").asText().equals("compact");
    }

    private static TreeSet<String> texts(JsonNode array) {
        TreeSet<String> texts = new TreeSet<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
