package io.sink.rewrite;

import java.io.Serializable;

/**
 * Is told of every file before it exists, so that its owner can take it away whatever happens next. It travels with the
 * task that writes.
 */
@FunctionalInterface
public interface Staging extends Serializable {
    /** The file at this location is about to be created; where this throws, it is not. */
    void announce(String location);
}
