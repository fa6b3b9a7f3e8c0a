/** End-to-end flows. */
@NullMarked
package flows;

import org.jspecify.annotations.NullMarked;
