<?php
// Signs a CheezeePay callback as the platform's rule says. Argument: private key; the fields as a
// JSON object of strings and whole numbers on standard input. Prints the callback's body.
$fields = json_decode(stream_get_contents(STDIN), true);
ksort($fields, SORT_STRING);
$pairs = [];
foreach ($fields as $name => $value) {
    if ($value !== null && $value !== '' && $value !== []) {
        $pairs[] = "$name=$value";
    }
}
openssl_sign(implode('&', $pairs), $signature, file_get_contents($argv[1]), OPENSSL_ALGO_SHA256);
$fields['sign'] = base64_encode($signature);
echo json_encode($fields, JSON_PRETTY_PRINT);
