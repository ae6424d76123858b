<?php
// Encrypts with what PHP brings. Argument: a file with the RSA public key as PEM. Each line of
// standard input has a cipher, an AES key, an IV and associated data in hexadecimal, and the text in
// base64, separated by tabs; for each, the cipher text is printed in base64.
const RSA = [
    'OPENSSL_PKCS1_PADDING' => [OPENSSL_PKCS1_PADDING, 11],
    'OPENSSL_PKCS1_OAEP_PADDING' => [OPENSSL_PKCS1_OAEP_PADDING, 42],
];
$rsa = openssl_pkey_get_public(file_get_contents($argv[1]));
$size = intdiv(openssl_pkey_get_details($rsa)['bits'] + 7, 8);
while (($line = fgets(STDIN)) !== false) {
    [$cipher, $key, $iv, $aad, $text] = explode("\t", rtrim($line, "\n"));
    $text = base64_decode($text, true);
    $out = '';
    if (isset(RSA[$cipher])) {
        [$padding, $overhead] = RSA[$cipher];
        // An empty text is one block, too.
        foreach (str_split($text, $size - $overhead) ?: [''] as $block) {
            openssl_public_encrypt($block, $encrypted, $rsa, $padding) or exit(1);
            $out .= $encrypted;
        }
    } elseif (str_contains($cipher, 'gcm')) {
        $out = openssl_encrypt($text, $cipher, hex2bin($key), OPENSSL_RAW_DATA, hex2bin($iv), $tag, hex2bin($aad));
        $out .= $tag;
    } else {
        $out = openssl_encrypt($text, $cipher, hex2bin($key), OPENSSL_RAW_DATA, hex2bin($iv));
    }
    echo base64_encode($out), "\n";
}
