<?php
// Signs an SGate callback as the platform's rule says. Arguments: private key, API key, time stamp,
// nonce, target; the body on standard input. Prints the signature.
[, $key, $api_key, $timestamp, $nonce, $url] = $argv;
$json = json_encode([
    'api_key' => $api_key,
    'timestamp' => (int) $timestamp,
    'nonce_str' => $nonce,
    'url' => $url,
    'method' => 'POST',
    'body' => stream_get_contents(STDIN),
], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
openssl_sign(md5($json), $signature, file_get_contents($key), OPENSSL_ALGO_MD5);
echo base64_encode($signature);
