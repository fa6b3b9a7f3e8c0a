package flows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of the README's page on installing, typed as they are in a clean checkout, but for the place. */
class InstallAsTyped {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();
    private static final List<String> CHECKOUT = List.of(
            ".mvn", "pom.xml", "src", "bin", "config-examples", "smoke", "llp", "README.md", "CHANGELOG.md", "LICENSE");

    @TempDir
    Path directory;

    @Test
    void packages_are_made_unpacked_and_run() throws IOException, InterruptedException {
        Path checkout = Files.createDirectory(directory.resolve("checkout"));
        for (String part : CHECKOUT) {
            copy(HOME.resolve(part), checkout.resolve(part));
        }
        Path opt = Files.createDirectory(directory.resolve("opt"));
        List<String> lines = section("## Install");

        assertThat(lines).hasSize(3);
        for (String line : lines) {
            String said = typed(line.replace("/opt", opt.toString()), checkout);
            if (line.contains(" demo ")) {
                assertThat(said).contains("demo.web.events", "exit 0");
            }
        }
        try (Stream<Path> made = Files.list(checkout.resolve("target/dist"))) {
            assertThat(made.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.endsWith(".tar.gz"))
                    .anyMatch(name -> name.endsWith(".deb"));
        }
        completionOffersTables(opt.resolve("sink-0.1.0"), checkout.resolve("target/demo/sink.yaml"));
    }

    /** What bash offers where the tabulator is pressed after the last word. */
    private void completionOffersTables(Path installed, Path configuration) throws IOException, InterruptedException {
        Path script = directory.resolve("press.sh");
        Files.writeString(script, """
                . %s/completion/sink
                PATH=%s/bin:$PATH
                press() {
                  COMP_WORDS=("$@") COMP_CWORD=$(( $# - 1 )) COMPREPLY=()
                  _complete_sink_tables 2>/dev/null
                  echo "$3:${COMPREPLY[*]}"
                }
                press sink maintain -c %s demo.web
                press sink maintain --retain-last demo.web
                press sink verify --exclude -c %s demo.fin.l
                press sink maintain --verify f
                press sink maintain --verify = f
                press sink maintain --fail-on deferred,expiry-g
                press sink rollback --branch ''
                """.formatted(installed, installed, configuration, configuration));
        assertThat(typed("bash " + script, directory).lines())
                .containsExactly(
                        "-c:demo.web.clicks demo.web.events demo.web.sessions",
                        "--retain-last:",
                        "--exclude:demo.fin.ledger",
                        "--verify:full",
                        "--verify:full",
                        "--fail-on:deferred,expiry-guard",
                        "--branch:");
    }

    /** The commands of the first snippet below a heading of the README. */
    private static List<String> section(String heading) throws IOException {
        String readme = Files.readString(HOME.resolve("README.md"));
        int begin = readme.indexOf("```sh\n", readme.indexOf("\n" + heading + "\n"));
        return readme.substring(begin + 6, readme.indexOf("\n```", begin))
                .lines()
                .toList();
    }

    private String typed(String line, Path in) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", line)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(out.toFile()));
        shell.environment().put("XDG_STATE_HOME", directory.resolve("state").toString());
        Process process = shell.start();
        assertThat(process.waitFor(15, TimeUnit.MINUTES)).as(line).isTrue();
        String said = Files.readString(out);
        assertThat(process.exitValue()).as("%s: %s", line, said).isZero();
        return said;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                Path target = to.resolve(from.relativize(file).toString());
                try {
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(target);
                    } else {
                        Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
