// Writes what Node made of each request as a line of JSON into a file.
const fs = require('fs');
const http = require('http');
const querystring = require('querystring');

const [host, port, file] = process.argv.slice(2);

// The path that an application acts on: by the WHATWG parser, which normalises more than others.
function path(target) {
    try {
        return unescape(new URL(target, 'http://backend').pathname);
    } catch {
        return target;
    }
}

const server = http.createServer((request, response) => {
    const body = [];
    request.on('data', (piece) => body.push(piece));
    request.on('end', () => {
        const read = Object.entries(request.headers).flatMap(
            ([name, value]) => [value].flat().map((one) => [`req.headers['${name}']`, one]));
        for (const [name, value] of Object.entries(request.trailers)) {
            read.push([`req.trailers['${name}']`, value]);
        }
        const text = Buffer.concat(body).toString();
        const fields = [];
        const type = (request.headers['content-type'] || '').split(';')[0].trim().toLowerCase();
        if (type === 'application/x-www-form-urlencoded') {
            for (const [name, value] of new URLSearchParams(text)) {
                fields.push(['URLSearchParams', name, value]);
            }
            for (const [name, value] of Object.entries(querystring.parse(text))) {
                fields.push(['querystring', name, String(value)]);
            }
        }
        const seen = JSON.stringify({
            method: request.method,
            target: request.url,
            path: path(request.url),
            body: Buffer.concat(body).toString('latin1'),
            fields,
            read,
        });
        // Every byte came as a character.
        fs.appendFileSync(file, seen.replace(/[\x80-\uffff]/g, (character) =>
            '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0')) + '\n');
        response.end('ok\n');
    });
});
server.listen(Number(port), host, () => console.error(`ready Node ${process.version.slice(1)}`));
