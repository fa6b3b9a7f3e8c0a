/** Rewriting of many small manifests into few. */
@NullMarked
package io.sink.manifests;

import org.jspecify.annotations.NullMarked;
