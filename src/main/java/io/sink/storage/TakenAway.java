package io.sink.storage;

import java.util.List;
import java.util.Map;

/**
 * What became of staged files that were to be deleted.
 *
 * @param deleted files that were there and are gone
 * @param left files that are still there, with the reason by path
 * @param awaited files that do not exist and may still be created: a request to write them was sent and not answered,
 *     or it is unknown whether one was. Their journal entries stay until the lease ends, so that a later run looks
 *     again
 */
public record TakenAway(List<FoundFile> deleted, Map<String, String> left, List<String> awaited) {
    public TakenAway {
        deleted = List.copyOf(deleted);
        left = Map.copyOf(left);
        awaited = List.copyOf(awaited);
    }

    static TakenAway nothing(Map<String, String> left) {
        return new TakenAway(List.of(), left, List.of());
    }

    /** The paths of the deleted files. */
    public List<String> deletedPaths() {
        return deleted.stream().map(found -> found.file().path()).toList();
    }
}
