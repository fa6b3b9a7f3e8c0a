package io.sink.compact;
/** stub. */
final class RowProof {}
