package io.sink.config;

import io.sink.compact.CompactPolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import java.util.List;
import java.util.Map;

/**
 * The policy of one table.
 *
 * @param excluded whether the table is left alone
 * @param knownDuplicate whether the operator knows that other entries of the catalogs show the same table, so that this
 *     one is maintained all the same
 * @param rule the pattern of the rule that applies, else {@code maintenance} if anything is set there, else {@code
 *     defaults}
 * @param disabled who says that the table does not get an action though a command asks for it, by the mapping that
 *     configures the action
 */
public record TablePolicy(
        boolean excluded,
        boolean knownDuplicate,
        String rule,
        Map<String, String> disabled,
        ExpirePolicy expire,
        CompactPolicy compact,
        DeletesPolicy deletes,
        ManifestsPolicy manifests,
        OrphanPolicy orphans) {
    public TablePolicy {
        disabled = Map.copyOf(disabled);
    }

    /** Locations outside the table's own that the operator gives to the table alone. */
    public List<String> given() {
        return expire.exclusive().value().locations();
    }
}
