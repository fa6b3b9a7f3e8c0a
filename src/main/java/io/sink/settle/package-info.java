/** Takes away what runs that died have left. */
@NullMarked
package io.sink.settle;

import org.jspecify.annotations.NullMarked;
