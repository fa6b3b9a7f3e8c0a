/** A run's changes as OpenLineage events. */
@NullMarked
package io.sink.lineage;

import org.jspecify.annotations.NullMarked;
