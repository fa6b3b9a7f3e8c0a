package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {

    @TempDir
    Path root;

    private Path work;
    private Path home;

    @BeforeEach
    void make_folders() throws IOException {
        work = Files.createDirectories(root.resolve("work"));
        home = Files.createDirectories(root.resolve("home"));
    }

    @Test
    void prefers_the_flag_then_the_variable_then_here_then_home() throws IOException {
        Path flag = write(work.resolve("flag.yaml"));
        Path variable = write(work.resolve("variable.yaml"));
        Path here = write(work.resolve("sink.yaml"));
        Path there = write(home.resolve(".config/sink/sink.yaml"));
        Map<String, String> env = Map.of("HOME", home.toString(), "SINK_CONFIG", "variable.yaml");

        assertThat(ConfigFile.find("flag.yaml", env, work)).isEqualTo(flag);
        assertThat(ConfigFile.find(null, env, work)).isEqualTo(variable);
        assertThat(ConfigFile.find(null, Map.of("HOME", home.toString()), work)).isEqualTo(here);
        Files.delete(here);
        assertThat(ConfigFile.find(null, Map.of("HOME", home.toString()), work)).isEqualTo(there);
        Files.delete(there);
        Path host = write(root.resolve("etc/sink.yaml"));
        assertThat(ConfigFile.find(null, Map.of("HOME", home.toString()), work, host))
                .isEqualTo(host);
    }

    @Test
    void looks_in_xdg_config_home_if_it_is_absolute() throws IOException {
        Path xdg = write(root.resolve("xdg/sink/sink.yaml"));
        Path there = write(home.resolve(".config/sink/sink.yaml"));
        String set = root.resolve("xdg").toString();

        assertThat(ConfigFile.find(null, Map.of("HOME", home.toString(), "XDG_CONFIG_HOME", set), work))
                .isEqualTo(xdg);
        assertThat(ConfigFile.find(null, Map.of("HOME", home.toString(), "XDG_CONFIG_HOME", "xdg"), work))
                .isEqualTo(there);
        assertThat(ConfigFile.find(null, Map.of("HOME", home.toString(), "XDG_CONFIG_HOME", ""), work))
                .isEqualTo(there);
    }

    @Test
    void lists_the_places_when_there_is_none() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() ->
                        ConfigFile.find(null, Map.of("HOME", home.toString()), work, root.resolve("etc/sink.yaml")))
                .withMessage("no configuration file; looked at " + work.resolve("sink.yaml") + ", "
                        + home.resolve(".config/sink/sink.yaml") + ", " + root.resolve("etc/sink.yaml")
                        + "; write one there, or name it with -c or SINK_CONFIG");
    }

    @Test
    void never_takes_another_file_than_the_one_that_was_named() throws IOException {
        write(work.resolve("sink.yaml"));

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigFile.find("gone.yaml", Map.of(), work))
                .withMessage("no configuration file; looked at " + work.resolve("gone.yaml")
                        + ", which -c names; correct the path, or write one there");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigFile.find(null, Map.of("SINK_CONFIG", "gone.yaml"), work))
                .withMessageEndingWith(", which SINK_CONFIG names; correct the path, or write one there");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigFile.find(null, Map.of("SINK_CONFIG", ""), work))
                .withMessageStartingWith("SINK_CONFIG: names no configuration file");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigFile.find(".", Map.of(), work))
                .withMessageContaining("it is a directory");
    }

    private static Path write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "version: 1\n");
    }
}
