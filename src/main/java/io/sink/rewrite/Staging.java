package io.sink.rewrite;

import java.io.Serializable;

/**
 * Is told of every file before it exists, so that its owner can delete it whatever happens next. It is sent along with
 * the task that writes.
 */
@FunctionalInterface
public interface Staging extends Serializable {
    /** Announces that the file at this location is about to be created. If this throws, the file is not created. */
    void announce(String location);
}
