package io.sink.action;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is set for one table, or for the run. */
public interface SettingLookup {
    /** The setting, and where it was made; null if it was made nowhere and has no default. */
    <T> @Nullable Setting<T> find(SettingKey<T> key);

    /** The setting, which must have a default or be made somewhere. */
    default <T> Setting<T> get(SettingKey<T> key) {
        return Objects.requireNonNull(find(key), key.name());
    }
}
