package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Inspection.Bucket;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
    private static final Pattern STYLE = Pattern.compile("<style>(.*)</style>", Pattern.DOTALL);

    @Test
    void says_every_outcome_with_its_reason_and_the_gravest_first() {
        String page = page(Reported.everyReason());

        for (Reason reason : Reason.values()) {
            assertThat(page)
                    .contains("<span class=\"badge " + reason.outcome().code() + "\">"
                            + reason.outcome().code() + "</span><span class=\"reason\">" + reason.code() + "</span>");
        }
        assertThat(page.indexOf("lake.web.permission-denied")).isLessThan(page.lastIndexOf("lake.web.expired<"));
        assertThat(page).contains("exit 20").contains("01JD8XAMPLE").contains("detail of PERMISSION_DENIED");
    }

    @Test
    void says_what_to_do_about_each_reason_beside_its_detail() {
        for (Reason reason : Reason.values()) {
            String page = page(List.of(Reported.table("lake.web.t", Reported.result(reason, "of it"))));

            assertThat(page.contains("what to do: "))
                    .as(reason.code())
                    .isEqualTo(!reason.remedy().isEmpty());
            assertThat(page).contains(reason.remedy().replace("'", "&#x27;"));
        }
    }

    @Test
    void counts_the_reasons_of_many_tables_the_gravest_first() {
        List<TableReport> many = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            many.add(Reported.table(
                    "lake.web.t" + i, Reported.result(i < 3 ? Reason.MISSING_FILE : Reason.EXPIRED, "")));
        }

        String page = page(many);
        String counted = page.substring(page.indexOf("<h2>Reasons"), page.indexOf("<h2>Tables"));

        assertThat(counted.replaceAll("<[^>]+>", "|").replaceAll("\\|+", "|"))
                .contains("|failed|missing-file|3 tables|", "|done|expired|27 tables|");
        assertThat(counted.indexOf("missing-file")).isLessThan(counted.indexOf("expired"));
        assertThat(page(many.subList(0, 20))).doesNotContain("<h2>Reasons");
    }

    @Test
    void loads_and_runs_nothing_and_names_its_one_style_by_hash() throws Exception {
        String page = page(Reported.everyReason());
        Matcher style = STYLE.matcher(page);
        assertThat(style.find()).isTrue();

        byte[] hash = MessageDigest.getInstance("SHA-256").digest(style.group(1).getBytes(StandardCharsets.UTF_8));

        assertThat(page)
                .contains("default-src &#x27;none&#x27;; style-src &#x27;sha256-"
                        + Base64.getEncoder().encodeToString(hash) + "&#x27;")
                .doesNotContain(
                        "<script", "<link", "<img", "<iframe", "http://", "https://", " style=", "url(", "@import");
        assertThat(page.split("<style>")).hasSize(2);
    }

    @Test
    void is_nothing_but_its_own_elements_whatever_a_table_is_called() throws Exception {
        List<TableReport> hostile = new ArrayList<>(Reported.everyHostileName());
        hostile.add(
                Reported.table("\"><img src=x onerror=alert(1)>' & </style><b>", Reported.result(Reason.EXPIRED, "")));

        String page = page(hostile);

        assertThat(elements(page))
                .isEqualTo(elements(page(Reported.everyReason().subList(0, 1), Reason.CLEANUP_INCOMPLETE)));
        assertThat(page)
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .contains("\\u001b[31mred")
                .contains("\\u202egnp.exe")
                .contains("n".repeat(300));
        assertThat(page.codePoints().filter(c -> c != '\n')).noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> true;
            default -> false;
        });
    }

    @Test
    void draws_sizes_before_and_after_and_what_refs_hold() {
        List<Bucket> small = List.of(new Bucket(1L << 20, 40, 4096), new Bucket(null, 0, 0));
        List<Bucket> large = List.of(new Bucket(1L << 20, 0, 0), new Bucket(null, 1, 4000));
        TableReport compacted = new TableReport(
                "lake.web.events",
                "lake",
                null,
                "",
                new TableState(1L, 1, 1, small),
                new TableState(2L, 2, 1, large),
                List.of(new ActionReport(
                        ActionName.COMPACT, ActionResult.of(Reason.COMPACTED, ""), Duration.ofSeconds(1))));

        String page = page(List.of(compacted, Reported.everyFinding()));

        assertThat(page)
                .contains("40 files, 4.0 KiB")
                .contains("1 file, 3.9 KiB")
                .contains("<rect class=\"before\" x=\"0.0\" y=\"0\" width=\"1000.0\"")
                .contains("tag </span><bdi>year-end</bdi>")
                .contains("200 B in 2 files, 300 days old")
                .contains("older snapshots");
    }

    @Test
    void shows_a_thousand_tables_and_counts_the_others() {
        List<TableReport> many = new ArrayList<>(IntStream.range(0, HtmlReport.MOST_TABLES + 5)
                .mapToObj(i -> Reported.table("lake.t" + i, ActionResult.of(Reason.NOTHING_TO_EXPIRE, "")))
                .toList());
        many.add(Reported.table("lake.bad", ActionResult.of(Reason.STORAGE_ERROR, "")));

        String page = page(many);

        assertThat(page.split("<details")).hasSize(HtmlReport.MOST_TABLES + 1);
        assertThat(page).contains("lake.bad").contains("6 more tables are in the JSON report");
    }

    private static String page(List<TableReport> tables) {
        return Reported.by(HtmlReport::new, tables);
    }

    private static String page(List<TableReport> tables, Reason reason) {
        List<TableReport> more = new ArrayList<>(tables);
        more.add(Reported.table("plain", Reported.result(reason, "detail")));
        return page(more);
    }

    /** The names of the page's elements, as a parser sees them. */
    private static Set<String> elements(String page) throws XMLStreamException {
        // as XML, but for what HTML does not close
        String closed = page.substring(page.indexOf("<html"))
                .replaceAll("(?s)<style>.*?</style>", "<style></style>")
                .replaceAll("<(meta[^>]*)>", "<$1/>")
                .replaceAll(" open(=\"\")?>", ">");
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        XMLStreamReader xml = factory.createXMLStreamReader(new StringReader(closed));
        Set<String> names = new TreeSet<>();
        while (xml.hasNext()) {
            if (xml.next() == XMLStreamConstants.START_ELEMENT) {
                names.add(xml.getLocalName());
                names.addAll(IntStream.range(0, xml.getAttributeCount())
                        .mapToObj(xml::getAttributeLocalName)
                        .map(attribute -> xml.getLocalName() + "@" + attribute)
                        .collect(Collectors.toSet()));
            }
        }
        return names;
    }
}
