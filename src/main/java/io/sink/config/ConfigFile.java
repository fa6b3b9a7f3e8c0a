package io.sink.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the configuration file. */
public final class ConfigFile {

    private static final Path OF_THE_HOST = Path.of("/etc/sink/sink.yaml");

    private ConfigFile() {}

    /**
     * The file to load: what {@code -c} says, else {@code SINK_CONFIG}, else {@code ./sink.yaml}, else {@code
     * ${XDG_CONFIG_HOME:-~/.config}/sink/sink.yaml}, else {@code /etc/sink/sink.yaml}. If a named file is missing, no
     * other is tried.
     *
     * @param flag the value of {@code -c}; null if it was not given
     * @param env the process environment
     * @param workingDirectory what a relative path starts from
     * @throws ConfigException if there is no such file; the message lists the places looked at
     */
    public static Path find(@Nullable String flag, Map<String, String> env, Path workingDirectory) {
        return find(flag, env, workingDirectory, OF_THE_HOST);
    }

    static Path find(@Nullable String flag, Map<String, String> env, Path workingDirectory, Path ofTheHost) {
        if (flag != null) {
            return named(flag, "-c", workingDirectory);
        }
        String variable = env.get("SINK_CONFIG");
        if (variable != null) {
            return named(variable, "SINK_CONFIG", workingDirectory);
        }
        List<Path> places =
                List.of(workingDirectory.resolve("sink.yaml"), home(env).resolve("sink/sink.yaml"), ofTheHost);
        return places.stream()
                .filter(ConfigFile::isThere)
                .findFirst()
                .orElseThrow(() -> new ConfigException("no configuration file; looked at "
                        + places.stream().map(Path::toString).collect(Collectors.joining(", "))
                        + "; write one there, or name it with -c or SINK_CONFIG"));
    }

    private static Path named(String name, String by, Path workingDirectory) {
        if (name.isBlank()) {
            throw new ConfigException(by + ": names no configuration file; give a path or leave it out");
        }
        Path file = workingDirectory.resolve(name);
        if (!isThere(file)) {
            throw new ConfigException("no configuration file; looked at " + file + ", which " + by + " names"
                    + (Files.isDirectory(file) ? ": it is a directory" : "")
                    + "; correct the path, or write one there");
        }
        return file;
    }

    /** Not only regular files: a shell's process substitution is a pipe. */
    private static boolean isThere(Path file) {
        return Files.exists(file) && !Files.isDirectory(file);
    }

    /** By the XDG base directory specification, a relative path is ignored. */
    private static Path home(Map<String, String> env) {
        String xdg = env.getOrDefault("XDG_CONFIG_HOME", "");
        if (!xdg.isEmpty() && Path.of(xdg).isAbsolute()) {
            return Path.of(xdg);
        }
        return Path.of(env.getOrDefault("HOME", System.getProperty("user.home")), ".config");
    }
}
