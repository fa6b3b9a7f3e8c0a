package io.sink.cli;

import io.sink.action.SettingKey;
import io.sink.compact.CompactPolicy;
import io.sink.config.RunPolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** Settings as flags, which win over the configuration file and are read and checked as its settings are. */
@Command
final class SettingOptions {
    private final List<SettingKey<?>> keys;
    private final Map<String, String> given = new LinkedHashMap<>();

    @SafeVarargs
    private SettingOptions(List<SettingKey<?>>... keys) {
        this.keys = Stream.of(keys).<SettingKey<?>>flatMap(List::stream).toList();
    }

    /** The settings of every action of {@code maintain}. */
    static SettingOptions maintenance() {
        return new SettingOptions(
                ExpirePolicy.KEYS,
                CompactPolicy.KEYS,
                DeletesPolicy.KEYS,
                ManifestsPolicy.KEYS,
                RunPolicy.BUDGET,
                RunPolicy.PACE);
    }

    static SettingOptions orphans() {
        return new SettingOptions(OrphanPolicy.KEYS, RunPolicy.PACE);
    }

    static SettingOptions pace() {
        return new SettingOptions(RunPolicy.PACE);
    }

    @Spec(Spec.Target.MIXEE)
    void addTo(CommandSpec command) {
        for (SettingKey<?> key : keys) {
            SettingKey.Flag flag = key.flag();
            if (flag != null) {
                command.addOption(OptionSpec.builder(key.option())
                        .paramLabel(flag.label())
                        .description(flag.about())
                        .type(String.class)
                        .completionCandidates(candidates(flag.label()))
                        .setter(new Given(key.id()))
                        .build());
            }
        }
    }

    /** What a shell offers where the value is one of a few. */
    private static List<String> candidates(String label) {
        return label.contains("|") ? List.of(label.split("\\|")) : List.of();
    }

    /** Values of the flags that were given, by the names of their settings. */
    Map<String, String> given() {
        return Map.copyOf(given);
    }

    private final class Given implements ISetter {
        private final String name;

        Given(String name) {
            this.name = name;
        }

        @Override
        public <V> @Nullable V set(@Nullable V value) {
            if (value == null) {
                given.remove(name);
            } else {
                given.put(name, value.toString());
            }
            return null;
        }
    }
}
