@NullMarked
package io.sink.compact;

import org.jspecify.annotations.NullMarked;
