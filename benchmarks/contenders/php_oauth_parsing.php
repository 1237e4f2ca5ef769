<?php
// The provider of php_oauth.php, with header, query and form parsed in PHP while the clock runs.
$parses = true;
require __DIR__ . '/php_oauth.php';
