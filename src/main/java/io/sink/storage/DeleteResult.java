package io.sink.storage;

import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import java.util.List;
import java.util.Map;

/**
 * What a deletion did, as a look at the files afterwards showed.
 *
 * @param deleted files that were there and are gone
 * @param left files that are still there, with the reason by path
 */
public record DeleteResult(List<FoundFile> deleted, Map<String, String> left) {

    public DeleteResult {
        deleted = List.copyOf(deleted);
        left = Map.copyOf(left);
    }

    /** The counters for what is gone and for what is left. */
    public Effect effect() {
        return effectOf(deleted).plus(Counter.FILES_LEFT, left.size());
    }

    /** The counters that these files would add if they were deleted. */
    public static Effect effectOf(List<FoundFile> files) {
        Effect effect = Effect.NONE;
        for (FoundFile found : files) {
            effect = effect.plus(found.file().kind().deleted(), 1).plus(Counter.BYTES_FREED, found.bytes());
        }
        return effect;
    }

    /** The paths of the deleted files. */
    public List<String> deletedPaths() {
        return deleted.stream().map(found -> found.file().path()).toList();
    }
}
