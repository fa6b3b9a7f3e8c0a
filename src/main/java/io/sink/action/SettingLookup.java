package io.sink.action;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is set for one table, or for the run. */
public interface SettingLookup {
    /** The setting, and where it was made; null if it was made nowhere and has no value of its own. */
    <T> @Nullable Setting<T> find(SettingKey<T> key);

    /** A setting that has a value of its own where it was made nowhere. */
    default <T> Setting<T> get(SettingKey<T> key) {
        return Objects.requireNonNull(find(key), key.name());
    }
}
