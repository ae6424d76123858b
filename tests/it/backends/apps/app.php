<?php
// Writes what PHP's own server made of each request as a line of JSON into a file.
$read = [];
foreach ($_SERVER as $name => $value) {
    if (str_starts_with($name, 'HTTP_')) {
        $read[] = ["\$_SERVER['$name']", $value];
    }
}
foreach (getallheaders() as $name => $value) {
    $read[] = ["getallheaders()['$name']", $value];
}
// What an application takes the fields from.
$fields = [];
foreach (['$_POST' => $_POST, '$_REQUEST' => $_REQUEST] as $reader => $all) {
    foreach ($all as $name => $value) {
        $fields[] = [$reader, (string) $name, is_array($value) ? json_encode($value) : $value];
    }
}
$line = json_encode([
    'method' => $_SERVER['REQUEST_METHOD'],
    'target' => $_SERVER['REQUEST_URI'],
    'path' => $_SERVER['SCRIPT_NAME'] . ($_SERVER['PATH_INFO'] ?? ''),
    'body' => as_characters(file_get_contents('php://input')),
    'fields' => array_map(fn ($field) => array_map('as_characters', $field), $fields),
    'read' => array_map(fn ($pair) => array_map('as_characters', $pair), $read),
], JSON_INVALID_UTF8_SUBSTITUTE);
file_put_contents(getenv('SEEN'), $line . "\n", FILE_APPEND);
echo "ok\n";

// Each byte as a character, as the other backends show it.
function as_characters(string $bytes): string
{
    return preg_replace_callback('/[\x80-\xff]/', fn ($byte) => chr(0xC0 | ord($byte[0]) >> 6)
        . chr(0x80 | ord($byte[0]) & 0x3F), $bytes);
}
