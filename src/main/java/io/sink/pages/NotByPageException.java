package io.sink.pages;

/** A column chunk cannot be merged by its pages, so its values must be moved one by one. */
final class NotByPageException extends Exception {
    private static final long serialVersionUID = 1L;

    NotByPageException(String why) {
        super(why, null, false, false);
    }
}
