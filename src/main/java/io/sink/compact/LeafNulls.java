package io.sink.compact;
/** stub. */
final class LeafNulls {}
