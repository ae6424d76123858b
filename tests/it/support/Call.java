import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * Calls back as Java's platforms do, several times with one client: {@code TIMES URL [NAME VALUE]...}, the
 * body on standard input. Writes the status of each answer and its protocol.
 */
class Call {
    public static void main(String[] arguments) throws Exception {
        byte[] body = System.in.readAllBytes();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(arguments[1]));
        for (int at = 2; at + 1 < arguments.length; at += 2) {
            request.header(arguments[at], arguments[at + 1]);
        }
        request.POST(BodyPublishers.ofByteArray(body));
        HttpClient client = HttpClient.newHttpClient();
        for (int times = Integer.parseInt(arguments[0]); times > 0; times--) {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            System.out.println(answer.statusCode() + " " + answer.version());
        }
    }
}
