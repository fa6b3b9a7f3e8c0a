package io.sink.config;

import io.sink.action.SettingKey;
import io.sink.compact.CompactPolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import java.util.List;
import java.util.stream.Stream;

/** All settings; each is defined in the policy that it belongs to. */
final class SettingKeys {

    /** Whether a table gets an action that a command asks for, by the mapping that configures the action. */
    static final List<SettingKey<Boolean>> ENABLED = Stream.of("expire", "compact", "deletes", "manifests", "orphans")
            .map(group ->
                    SettingKey.truth(group, "enabled").known(group + "-enabled").otherwise(true))
            .toList();

    /** Those that can differ from table to table, in the order in which they are listed. */
    static final List<SettingKey<?>> OF_TABLES = Stream.of(
                    ExpirePolicy.KEYS,
                    CompactPolicy.KEYS,
                    DeletesPolicy.KEYS,
                    ManifestsPolicy.KEYS,
                    OrphanPolicy.KEYS,
                    ENABLED)
            .<SettingKey<?>>flatMap(List::stream)
            .toList();

    /** Every setting, in the order in which they are listed. */
    static final List<SettingKey<?>> ALL = Stream.<SettingKey<?>>concat(OF_TABLES.stream(), RunPolicy.KEYS.stream())
            .toList();

    private SettingKeys() {}

    /** The mappings of settings that can differ from table to table. */
    static List<String> groups() {
        return OF_TABLES.stream().map(SettingKey::group).distinct().toList();
    }

    /** The settings of a mapping. */
    static List<SettingKey<?>> of(String group) {
        return ALL.stream().filter(key -> key.group().equals(group)).toList();
    }

    /** The setting of a name. */
    static SettingKey<?> named(String name) {
        return ALL.stream().filter(key -> key.id().equals(name)).findFirst().orElseThrow();
    }
}
