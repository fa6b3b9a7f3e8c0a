package io.sink.pages;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BuffersTest {
    private final Buffers buffers = new Buffers(4 << 20);

    @Test
    void an_array_is_had_again_by_who_needs_about_as_much() {
        byte[] first = buffers.take(300_000);
        buffers.give(first);

        byte[] small = buffers.take(70_000);
        byte[] again = buffers.take(first.length);
        byte[] another = buffers.take(first.length);

        assertThat(first.length).isGreaterThanOrEqualTo(300_000);
        assertThat(small).isNotSameAs(first);
        assertThat(again).isSameAs(first);
        assertThat(another).isNotSameAs(first);
    }

    @Test
    void no_more_is_held_than_allowed() {
        byte[] first = buffers.take(700_000);
        byte[] second = buffers.take(700_000);
        buffers.give(first);
        buffers.give(second);

        assertThat(buffers.take(700_000)).isSameAs(first);
        assertThat(buffers.take(700_000)).isNotSameAs(second);
    }

    @Test
    void small_arrays_are_of_the_length_that_was_asked_for() {
        assertThat(buffers.take(10)).hasSize(10);
        assertThat(buffers.take(0)).isEmpty();
    }

    @Test
    void who_reads_an_array_that_was_given_back_reads_something_else() {
        byte[] array = buffers.take(10);
        array[3] = 7;

        buffers.give(array);

        assertThat(array[3]).isEqualTo((byte) 0x5a);
    }
}
