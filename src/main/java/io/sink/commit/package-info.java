/** One commit attempt, proved before it is sent and settled after it. */
@NullMarked
package io.sink.commit;

import org.jspecify.annotations.NullMarked;
