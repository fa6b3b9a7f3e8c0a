package io.sink.deletes;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import java.util.List;

/**
 * What was asked for the dangling delete files of one table.
 *
 * @param minDanglingDeletes dangling delete files from which a commit is worth it; default 1
 * @param branch the branch to look at; default {@code main}
 */
public record DeletesPolicy(Setting<Integer> minDanglingDeletes, Setting<String> branch) {
    private static final SettingKey<Integer> MIN_DANGLING_DELETES = SettingKey.count("deletes", "min-dangling-deletes")
            .otherwise(1)
            .flag("N", "Remove dangling delete files if there are at least N. Default: 1.");

    /** The settings of this policy, except for the branch, which a compaction has too. */
    public static final List<SettingKey<?>> KEYS = List.of(MIN_DANGLING_DELETES);

    /** The policy that these settings make. */
    public static DeletesPolicy of(SettingLookup settings) {
        return new DeletesPolicy(settings.get(MIN_DANGLING_DELETES), settings.get(SettingKey.BRANCH));
    }
}
