package flows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import lib.Mutant;
import lib.MutantRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each fault of {@code smoke/mutants.yaml}, put into the program on its own, makes the test fail that it names.
 *
 * <p>{@code -Dsink.mutants=all}, or names with commas between them, says which are tried; otherwise two are.
 */
class MutantsAreCaught {
    private static final String WHICH = System.getProperty("sink.mutants", "");
    private static final List<Mutant> ALL = Mutant.all();

    @TempDir
    Path directory;

    @Test
    void every_mutant_can_be_made_and_names_a_test() {
        List<String> wrong = new ArrayList<>();
        for (Mutant mutant : ALL) {
            try {
                mutant.changed();
            } catch (RuntimeException e) {
                wrong.add(e.getMessage());
            }
            if (mutant.method().isEmpty()) {
                wrong.add(mutant.name() + " names a test that is not there: " + mutant.test());
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(ALL).extracting(Mutant::name).doesNotHaveDuplicates();
    }

    @Test
    void every_mutant_is_caught() throws IOException, InterruptedException {
        List<Mutant> chosen = chosen();
        List<String> alive = new ArrayList<>();
        for (Mutant mutant : chosen) {
            MutantRun.Result result = MutantRun.of(mutant, Files.createDirectory(directory.resolve(mutant.name())));
            System.out.printf(
                    "| %s | %s | `%s` | %s |%n",
                    mutant.name(),
                    mutant.fault(),
                    mutant.test().replace("io.sink.", ""),
                    result.caught() ? "%.1f s".formatted(result.took().toMillis() / 1000.0) : "ALIVE");
            if (!result.caught()) {
                alive.add(mutant.name() + ": " + result.output());
            }
        }

        assertThat(alive).isEmpty();
        assertThat(chosen).isNotEmpty();
    }

    private static List<Mutant> chosen() {
        if (WHICH.equals("all")) {
            return ALL;
        }
        Set<String> names = Set.of(WHICH.split(","));
        return WHICH.isEmpty()
                ? ALL.subList(0, Math.min(2, ALL.size()))
                : ALL.stream().filter(mutant -> names.contains(mutant.name())).toList();
    }
}
