package io.sink.config;

import io.sink.action.SettingKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings from one source; the value of each has its key's type.
 *
 * @param values what is set; a key that is missing was not set here
 */
record Settings(Map<SettingKey<?>, Object> values) {

    static final Settings NONE = new Settings(Map.of());

    Settings {
        values = Map.copyOf(values);
    }

    /** The value of a setting; null if it is not set here. */
    <T> @Nullable T get(SettingKey<T> key) {
        return key.type().cast(values.get(key));
    }

    boolean isEmpty() {
        return values.isEmpty();
    }
}
