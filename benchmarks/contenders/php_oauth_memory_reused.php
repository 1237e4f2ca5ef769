<?php
// The signatures of php_oauth.php in memory that PHP has used before. This is the state in a web server, where each request
// begins with the memory that the last one gave back.
$reuses = true;
require __DIR__ . '/php_oauth.php';
