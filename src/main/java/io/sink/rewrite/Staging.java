package io.sink.rewrite;

/** Is told of every file before it exists, so that its owner can take it away whatever happens next. */
@FunctionalInterface
public interface Staging {
    /** The file at this location is about to be created; where this throws, it is not. */
    void announce(String location);
}
