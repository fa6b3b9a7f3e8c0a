package io.sink.testing;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * Holds a response's body back until it is sent, so that another answer can still go out in its place. Once there is a
 * body the status stands, as it does in a response that is on its way: Iceberg's servlet counts on it.
 */
final class BufferedResponse extends HttpServletResponseWrapper {

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final PrintWriter writer = new PrintWriter(body, false, StandardCharsets.UTF_8);

    BufferedResponse(HttpServletResponse response) {
        super(response);
    }

    @Override
    public void setStatus(int status) {
        if (body.size() == 0) {
            super.setStatus(status);
        }
    }

    @Override
    public PrintWriter getWriter() {
        return writer;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return new ServletOutputStream() {
            @Override
            public void write(int value) {
                body.write(value);
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setWriteListener(WriteListener listener) {
                throw new UnsupportedOperationException("Writes never wait");
            }
        };
    }

    @Override
    public void flushBuffer() {
        writer.flush();
    }

    /** @param rewritten gives the body as the client is to see it */
    void send(UnaryOperator<String> rewritten) throws IOException {
        writer.flush();
        String text = rewritten.apply(body.toString(StandardCharsets.UTF_8));
        getResponse().getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }
}
