// CheezeePay's rule for flat bodies of strings, as somebody would write it in njs.
import fs from 'fs';

let key = null;

async function imported() {
    if (key === null) {
        const der = Buffer.from(fs.readFileSync(process.env.KEY_FILE, 'utf8'), 'base64');
        key = await crypto.subtle.importKey('spki', der,
            { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify']);
    }
    return key;
}

async function handle(r) {
    const fields = JSON.parse(r.requestText);
    const content = Object.keys(fields)
        .filter((name) => name !== 'sign' && fields[name] !== '' && fields[name] !== null)
        .sort()
        .map((name) => `${name}=${fields[name]}`)
        .join('&');
    const platform = await imported();
    const genuine = await crypto.subtle.verify({ name: 'RSASSA-PKCS1-v1_5' }, platform,
        Buffer.from(fields.sign, 'base64'), Buffer.from(content));
    if (!genuine) {
        r.return(400);
        return;
    }
    r.internalRedirect('/verified');
}

export default { handle };
