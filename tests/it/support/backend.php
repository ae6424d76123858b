<?php
// A legacy backend: what PHP makes of a request, as JSON.
header('Content-Type: application/json');
echo json_encode([
    'method' => $_SERVER['REQUEST_METHOD'],
    'target' => $_SERVER['REQUEST_URI'],
    'server' => array_filter($_SERVER, fn ($name) => str_starts_with($name, 'HTTP_'), ARRAY_FILTER_USE_KEY),
    'body' => base64_encode(file_get_contents('php://input')),
    'post' => $_POST,
]);
