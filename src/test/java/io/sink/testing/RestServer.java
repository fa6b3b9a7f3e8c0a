package io.sink.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.sink.testing.RestServer.Interceptor.Answer;
import io.sink.testing.RestServer.Interceptor.Body;
import io.sink.testing.RestServer.Interceptor.Drop;
import io.sink.testing.RestServer.Interceptor.Status;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.rest.RESTCatalogAdapter;
import org.apache.iceberg.rest.RESTCatalogServlet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Iceberg's reference REST catalog on a free loopback port, over any catalog; a test can answer in its place, and a
 * {@link TokenIssuer} at its door turns away who has no valid token.
 */
public final class RestServer implements AutoCloseable {

    /** Answers requests instead of the catalog. Every method lets everything pass unless overridden. */
    public interface Interceptor {

        /** What the client gets for a request whose headers and body matter; by default that of its method and path. */
        default Answer before(HttpServletRequest request) throws IOException {
            return before(request.getMethod(), request.getRequestURI());
        }

        /** What the client gets instead; the catalog then never sees the request. */
        default Answer before(String method, String path) {
            return Answer.PASS;
        }

        /** What the client gets instead of the catalog's answer; what it asked for has been done. */
        default Answer after(String method, String path) {
            return Answer.PASS;
        }

        /** The body of the catalog's answer as the client is to see it. */
        default String body(String method, String path, String body) {
            return body;
        }

        /** Pass on, a status, a body of the test's own, or a dropped connection. */
        sealed interface Answer permits Pass, Status, Body, Drop {
            Answer PASS = new Pass();
            Answer DROP = new Drop();

            /** An error as the REST specification words it. */
            static Answer status(int code, String type) {
                return status(code, type, Map.of());
            }

            /** An error as the REST specification words it, with headers such as {@code Retry-After}. */
            static Answer status(int code, String type, Map<String, String> headers) {
                return new Status(code, type, headers);
            }
        }

        record Pass() implements Answer {}

        /** A JSON body with status 200 and headers. */
        record Body(String json, Map<String, String> headers) implements Answer {}

        record Status(int code, String type, Map<String, String> headers) implements Answer {}

        record Drop() implements Answer {}
    }

    private final Server server;
    private final ServerConnector connector;
    private final @Nullable TokenIssuer issuer;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Interceptor interceptor = new Interceptor() {};

    private RestServer(Catalog backend, @Nullable TokenIssuer issuer) {
        this.issuer = issuer;
        // it logs a stack trace for every table that is looked for and not there
        ((Logger) LoggerFactory.getLogger(RESTCatalogServlet.class)).setLevel(Level.OFF);
        this.server = new Server();
        this.connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(new RESTCatalogServlet(new RESTCatalogAdapter(backend))), "/*");
        context.addFilter(new FilterHolder(new Interception()), "/*", EnumSet.of(DispatcherType.REQUEST));
        server.setHandler(context);
    }

    /** Starts a server over a catalog, which stays the caller's to close. */
    public static RestServer start(Catalog backend) {
        return started(new RestServer(backend, null));
    }

    /** Starts a server that lets nobody in without a valid token of the issuer, whose endpoint it serves too. */
    public static RestServer guarded(Catalog backend, TokenIssuer issuer) {
        return started(new RestServer(backend, issuer));
    }

    private static RestServer started(RestServer started) {
        try {
            started.server.start();
            return started;
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start the REST catalog", e);
        }
    }

    /** The catalog's {@code uri}. */
    public String uri() {
        return "http://127.0.0.1:" + connector.getLocalPort();
    }

    /** The {@code oauth2-server-uri} of a guarded server. */
    public String tokenUri() {
        return uri() + TokenIssuer.PATH;
    }

    /** Lets this interceptor, and no other, see every further request. */
    public void intercept(Interceptor next) {
        this.interceptor = next;
    }

    /** Every request so far as {@code METHOD /path}, retries included, in order of arrival. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot stop the REST catalog", e);
        }
    }

    private final class Interception implements Filter {
        @Override
        public void doFilter(ServletRequest servletRequest, ServletResponse servletResponse, FilterChain chain)
                throws IOException, ServletException {
            HttpServletRequest request = (HttpServletRequest) servletRequest;
            HttpServletResponse response = (HttpServletResponse) servletResponse;
            String method = request.getMethod();
            String path = request.getRequestURI();
            requests.add(method + " " + path);
            Interceptor now = interceptor;
            if (issuer != null && issuer.answered(request, response)) {
                return;
            }
            if (answered(now.before(request), request, response)) {
                return;
            }
            BufferedResponse buffered = new BufferedResponse(response);
            chain.doFilter(request, buffered);
            if (!answered(now.after(method, path), request, response)) {
                buffered.send(body -> now.body(method, path, body));
            }
        }

        private static boolean answered(Answer answer, HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            if (answer instanceof Status status) {
                response.reset();
                response.setStatus(status.code());
                status.headers().forEach(response::setHeader);
                response.setContentType("application/json");
                String body = "{\"error\":{\"message\":\"intercepted\",\"type\":\"%s\",\"code\":%d}}"
                        .formatted(status.type(), status.code());
                response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            } else if (answer instanceof Body body) {
                response.setContentType("application/json");
                body.headers().forEach(response::setHeader);
                response.getOutputStream().write(body.json().getBytes(StandardCharsets.UTF_8));
            } else if (answer instanceof Drop) {
                ServletContextRequest.getServletContextRequest(request)
                        .getConnectionMetaData()
                        .getConnection()
                        .getEndPoint()
                        .close();
            }
            return !answer.equals(Answer.PASS);
        }
    }
}
