package io.sink.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Configurations written down in a test, loaded at a fixed time. */
final class Written {

    static final Instant NOW = Instant.parse("2026-11-21T02:00:04Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    /** What every configuration needs, in three lines. */
    static final String HEAD = """
            version: 1
            catalogs:
              lake: { type: rest, uri: https://catalog.example.com }
            """;

    private Written() {}

    static SinkConfig load(String yaml) {
        return load(yaml, Map.of());
    }

    static SinkConfig load(String yaml, Map<String, String> env) {
        try {
            Path directory = Files.createTempDirectory("sink-config");
            Path file = Files.writeString(directory.resolve("sink.yaml"), yaml);
            try {
                return ConfigLoader.load(file, env, CLOCK);
            } finally {
                Files.delete(file);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The problems of a configuration as a person sees them; empty if it is valid. */
    static List<String> problems(String yaml) {
        return problems(yaml, Map.of());
    }

    static List<String> problems(String yaml, Map<String, String> env) {
        try {
            load(yaml, env);
            return List.of();
        } catch (ConfigException e) {
            return String.valueOf(e.getMessage())
                    .lines()
                    .map(line -> line.replaceFirst("^/[^:]*/sink\\.yaml:", "sink.yaml:"))
                    .toList();
        }
    }
}
