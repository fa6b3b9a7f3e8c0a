package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.Mutant;
import lib.MutantRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults of {@code smoke/mutants.yaml} that the simulator finds, without a test that was written for them.
 *
 * <p>{@code -Dsink.mutants=found}: all that have a number of schedules; {@code all}, or names with commas between them:
 * these, whether they are found or not. {@code -Dsink.schedules=N}: at most so many for each.
 */
class SimulatorFindsMutants {
    private static final String WHICH = System.getProperty("sink.mutants", "");
    private static final int MOST = Integer.getInteger("sink.schedules", 1000);
    private static final String TEST =
            "io.sink.sim.SimulatorTest#no_schedule_loses_a_row_or_a_file_or_tells_what_is_not_so";
    private static final long FIRST = 20261128;
    private static final Pattern SEED = Pattern.compile("-Dsink\\.seed=(\\d+)");
    private static final Pattern VIOLATION = Pattern.compile("VIOLATED (.*)");

    @TempDir
    Path directory;

    @Test
    void the_simulator_finds_faults_that_it_was_not_made_for() throws IOException, InterruptedException {
        Map<String, String> properties = new HashMap<>(Seeds.from(FIRST));
        properties.put("sink.schedules", Integer.toString(MOST));
        List<String> missed = new ArrayList<>();
        for (Mutant mutant : chosen()) {
            MutantRun.Result result = MutantRun.of(
                    mutant,
                    Files.createDirectory(directory.resolve(mutant.name())),
                    TEST,
                    properties,
                    Duration.ofSeconds(60 + MOST));
            Matcher seed = SEED.matcher(result.output());
            Matcher violation = VIOLATION.matcher(result.output());
            boolean found = result.caught() && seed.find();
            System.out.printf(
                    "| %s | %s | %s | %s | %.0f s |%n",
                    mutant.name(),
                    mutant.fault(),
                    found ? Long.toString(Long.parseLong(seed.group(1)) - FIRST + 1) : "not in " + MOST,
                    found && violation.find() ? violation.group(1).replaceAll("[0-9]{6,}", "…") : "",
                    result.took().toMillis() / 1000.0);
            if (!found) {
                missed.add(mutant.name() + ": " + result.output());
            }
        }

        if (!WHICH.equals("all")) {
            assertThat(missed).isEmpty();
        }
    }

    private static List<Mutant> chosen() {
        List<Mutant> found = Mutant.all().stream()
                .filter(mutant -> mutant.schedules() != null)
                .sorted(Comparator.comparing(mutant -> Objects.requireNonNull(mutant.schedules())))
                .toList();
        Set<String> names = Set.of(WHICH.split(","));
        return switch (WHICH) {
            case "" -> found.subList(0, 1);
            case "found" -> found;
            case "all" -> Mutant.all();
            default ->
                Mutant.all().stream()
                        .filter(mutant -> names.contains(mutant.name()))
                        .toList();
        };
    }
}
