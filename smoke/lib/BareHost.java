package lib;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lib.Sink.Ended;

/**
 * A host as a scheduler meets it: nothing can be written but the folders that are named, there is no terminal and no
 * environment but what is given, and the program is at {@code /usr/bin/sink}. Made of this host by a mount namespace.
 *
 * @param directory a folder of the test, which is there under the same name and can be written, for the tables
 */
public record BareHost(Path directory) {
    private static final Path HOME =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath();

    private static final String SCRIPT = """
            set -eu
            directory=$1 java=$2 writable=$3
            shift 3
            root=$directory/host
            mkdir -p "$root"
            mount -t tmpfs none "$root"
            cd "$root"
            mkdir -p usr/bin etc tmp proc dev var .bin .program
            graft() {
              if [ -L "$1" ]; then cp -P "$1" "$2"
              elif [ -d "$1" ]; then
                mkdir "$2" && mount --rbind "$1" "$2" && mount -o remount,bind,ro "$2" || true
              fi
            }
            for each in /*; do
              case $each in
                /usr | /etc | /tmp | /proc | /dev | /var | /sys) ;;
                *) graft "$each" ".$each" 2>/dev/null ;;
              esac
            done
            for each in /usr/*; do
              [ "$each" = /usr/bin ] || graft "$each" ".$each"
            done
            mount --rbind /proc proc
            mount --rbind /dev dev
            mount --bind /usr/bin .bin
            ln -s $(printf '/%s ' .bin/*) usr/bin/
            cp -a /etc/. etc 2>/dev/null || true
            mkdir -p etc/sink
            cp "$directory"/etc/* etc/sink
            mount --bind "$directory/program" .program
            ln -sf /.program/bin/sink usr/bin/sink
            ln -sf "$java" usr/bin/java
            for each in $writable; do
              mkdir -p ".$each" "$directory/written$each"
              mount --bind "$directory/written$each" ".$each"
            done
            mkdir -p ".$directory"
            mount --bind "$directory" ".$directory"
            mount -o remount,ro "$root"
            exec setsid --wait chroot "$root" /usr/bin/env -i "$@"
            """;

    /** Installs the program, from what the build made. Skips the test where mounts cannot be made. */
    public BareHost {
        try {
            install(directory);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void install(Path directory) throws IOException, InterruptedException {
        List<String> asked = new ArrayList<>(namespace());
        asked.add("true");
        assumeThat(Files.isExecutable(Path.of("/usr/bin/unshare"))
                        && new ProcessBuilder(asked).start().waitFor() == 0)
                .as("this host lets us make mounts")
                .isTrue();
        Path program = directory.resolve("program");
        Files.createDirectories(program.resolve("bin"));
        Files.createDirectories(program.resolve("lib"));
        Files.createDirectories(directory.resolve("etc"));
        Files.copy(HOME.resolve("bin/sink"), program.resolve("bin/sink"), StandardCopyOption.COPY_ATTRIBUTES);
        for (Path folder : List.of(HOME.resolve("target"), HOME.resolve("target/lib"))) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path jar :
                        files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    Files.copy(jar, program.resolve("lib").resolve(jar.getFileName()));
                }
            }
        }
    }

    /** Writes a file below {@code /etc/sink}. */
    public void etc(String name, String content) throws IOException {
        Files.writeString(directory.resolve("etc").resolve(name), content);
    }

    /** What was written to a file of a folder that could be written. */
    public Path written(String path) {
        return directory.resolve("written" + path);
    }

    /** Runs a command with this environment alone, where only these folders can be written. */
    public Ended run(Map<String, String> environment, List<String> writable, String... command)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(namespace());
        words.addAll(List.of(
                "/bin/sh",
                "-c",
                SCRIPT,
                "host",
                directory.toRealPath().toString(),
                Path.of(System.getProperty("java.home"), "bin/java")
                        .toRealPath()
                        .toString(),
                String.join(" ", writable)));
        environment.forEach((name, value) -> words.add(name + "=" + value));
        words.addAll(List.of(command));
        Path out = Files.createTempFile(directory, "stdout", "");
        Path err = Files.createTempFile(directory, "stderr", "");
        Process process = new ProcessBuilder(words)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(Redirect.to(out.toFile()))
                .redirectError(Redirect.to(err.toFile()))
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("did not end: " + words);
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static List<String> namespace() {
        return System.getProperty("user.name").equals("root")
                ? List.of("/usr/bin/unshare", "--mount")
                : List.of("/usr/bin/unshare", "--map-root-user", "--mount");
    }
}
