package io.sink.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RunLengthsTest {
    /** A run of eight ones, then eight packed numbers of two bits. */
    private static final byte[] BYTES = {16, 1, 3, (byte) 0b11_10_01_00, (byte) 0b11_10_01_00};

    @Test
    void runs_and_packed_numbers_follow_one_another() {
        assertThat(RunLengths.decode(BYTES, 0, 5, 2, 16, 3))
                .containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 2, 3, 0, 1, 2, 3);
        assertThat(RunLengths.decode(BYTES, 0, 2, 2, 8, 3)).containsExactly(1, 1, 1, 1, 1, 1, 1, 1);
    }

    @Test
    void bytes_that_are_left_are_those_of_something_else() {
        assertThatThrownBy(() -> RunLengths.decode(BYTES, 0, 5, 2, 8, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("3 bytes are left after 8 values");
        assertThatThrownBy(() -> RunLengths.decode(BYTES, 0, 5, 1, 16, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(RunLengths.isRunOf(1, 2, BYTES, 0, 2, 8)).isTrue();
        assertThat(RunLengths.isRunOf(1, 2, BYTES, 0, 5, 8)).isFalse();
    }
}
