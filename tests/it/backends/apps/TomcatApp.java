import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.StringJoiner;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Writes what Tomcat made of each request as a line of JSON into a file. */
public class TomcatApp extends HttpServlet {
    private static Path file;

    public static void main(String[] arguments) throws Exception {
        file = Path.of(arguments[2]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(file.getParent().toString());
        Connector connector = new Connector();
        connector.setProperty("address", arguments[0]);
        connector.setPort(Integer.parseInt(arguments[1]));
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", file.getParent().toString());
        Tomcat.addServlet(context, "app", new TomcatApp());
        context.addServletMappingDecoded("/*", "app");
        tomcat.start();
        System.err.println("ready Tomcat " + ServerInfo.getServerNumber());
        tomcat.getServer().await();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        StringJoiner fields = new StringJoiner(",", "[", "]");
        // Reading the parameters takes the body.
        if (request.getRequestURI().startsWith("/fields")) {
            request.getParameterMap().forEach((name, values) ->
                    fields.add(field("getParameter", name, values[0])));
        }
        String body = new String(
                request.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        StringJoiner read = new StringJoiner(",", "[", "]");
        for (String name : Collections.list(request.getHeaderNames())) {
            // A name appears once for each spelling; its values belong to all of them.
            for (String value : Collections.list(request.getHeaders(name))) {
                read.add(pair("getHeader(\"" + name + "\")", value));
            }
        }
        if (request.isTrailerFieldsReady()) {
            request.getTrailerFields().forEach((name, value) ->
                    read.add(pair("getTrailerFields()[" + name + "]", value)));
        }
        if (body.startsWith("<")) {
            elements(body, fields);
        }
        String query = request.getQueryString();
        String target = request.getRequestURI() + (query == null ? "" : "?" + query);
        String path = request.getServletPath()
                + (request.getPathInfo() == null ? "" : request.getPathInfo());
        String line = "{\"method\":" + text(request.getMethod()) + ",\"target\":" + text(target)
                + ",\"fields\":" + fields + ",\"path\":" + text(path) + ",\"body\":" + text(body) + ",\"read\":" + read
                + "}\n";
        Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        response.getOutputStream().print("ok\n");
    }

    /** The root's elements, as a DOM has them. */
    private static void elements(String body, StringJoiner fields) {
        try {
            byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
            NodeList nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(bytes)).getDocumentElement().getChildNodes();
            for (int nth = 0; nth < nodes.getLength(); nth++) {
                if (nodes.item(nth) instanceof Element element) {
                    fields.add(field("DOM", element.getTagName(), element.getTextContent()));
                }
            }
        } catch (Exception e) {
            // Then there are none.
        }
    }

    private static String field(String reader, String name, String value) {
        return "[" + text(reader) + "," + text(name) + "," + text(value) + "]";
    }

    private static String pair(String lookup, String value) {
        return "[" + text(lookup) + "," + text(value) + "]";
    }

    private static String text(String value) {
        StringBuilder out = new StringBuilder("\"");
        for (char character : value.toCharArray()) {
            if (character < ' ' || character > '~' || character == '"' || character == '\\') {
                out.append(String.format("\\u%04x", (int) character));
            } else {
                out.append(character);
            }
        }
        return out.append('"').toString();
    }
}
