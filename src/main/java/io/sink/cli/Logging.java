package io.sink.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.sink.report.VisibleJson;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/** The log on stderr. Silent until a command sets its level; nothing of it goes to stdout. */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String TRACEPARENT = "traceparent";
    /** Characters of all Unicode, not only ASCII, that move the cursor, or colour, hide or reverse text. */
    private static final String MOVING = "\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}";

    /** Called by Logback, whose default would log to stdout. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        context.getLogger("ROOT").setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Sets the level and format of the log. */
    static void begin(LogOptions options) {
        int verbosity = options.verbosity();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        String parent = Trace.parent(System.getenv());
        if (parent != null) {
            context.putProperty(TRACEPARENT, parent);
        }
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder(context, options.format));
        appender.setOutputStream(new Stderr());
        appender.start();
        context.getLogger("ROOT").addAppender(appender);
        context.getLogger("ROOT").setLevel(verbosity >= 2 ? Level.INFO : Level.ERROR);
        context.getLogger("io.sink")
                .setLevel(
                        switch (verbosity) {
                            case -1 -> Level.ERROR;
                            case 0 -> Level.WARN;
                            case 1 -> Level.INFO;
                            default -> Level.DEBUG;
                        });
        if (leavesTablesToReport(options)) {
            context.getLogger("io.sink.run.TableWalk").setLevel(Level.WARN);
        }
        if (verbosity < 2) {
            // The driver logs ninety lines for what its exception says in one.
            context.getLogger("org.sqlite").setLevel(Level.OFF);
        }
        context.getLogger(Warning.ALWAYS).setLevel(Level.WARN);
    }

    /** Whether the report says on the same screen what a log would say of each table. */
    static boolean leavesTablesToReport(LogOptions options) {
        Terminal terminal = Terminal.of(options);
        return options.verbosity() == 1
                && options.format != LogOptions.Format.json
                && terminal.stdout()
                && terminal.stderr();
    }

    /** A library's line begins with the name of its class, so that its advice is not taken for ours. */
    private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogOptions.Format format) {
        if (format == LogOptions.Format.json) {
            JsonEncoder json = new VisibleEncoder();
            json.setContext(context);
            json.start();
            return json;
        }
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level "
                + (context.getProperty(TRACEPARENT) == null ? "" : "%property{" + TRACEPARENT + "} ")
                + "%replace(%logger: ){'^io[.]sink[.].*', ''}"
                + "%replace(%msg){'[" + MOVING + "]', '?'}%n%replace(%ex){'[" + MOVING + "&&[^\\n\\t]]', '?'}");
        text.start();
        return text;
    }

    /** Logback's own encoder escapes only the control characters of ASCII. */
    private static final class VisibleEncoder extends JsonEncoder {
        @Override
        public byte[] encode(ILoggingEvent event) {
            return VisibleJson.of(new String(super.encode(event), StandardCharsets.UTF_8))
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Writes to the current {@code System.err}, which a redacting stream replaces once the secrets are known. */
    private static final class Stderr extends OutputStream {
        @Override
        public void write(int b) {
            System.err.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            Progress.makeWay();
            System.err.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            System.err.flush();
        }
    }
}
