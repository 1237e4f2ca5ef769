<?php
// PECL's OAuth.
[, $requestUrl, $authorizeUrl, $accessUrl, $api, $key, $secret, $callback] = $argv;

$oauth = new OAuth($key, $secret, OAUTH_SIG_METHOD_HMACSHA1, OAUTH_AUTH_TYPE_AUTHORIZATION);
$temporary = $oauth->getRequestToken($requestUrl, $callback, 'POST');
echo "$authorizeUrl?oauth_token=", rawurlencode($temporary['oauth_token']), "\n";
$answer = trim(fgets(STDIN));
if ($callback === 'oob') {
    $verifier = $answer;
} else {
    parse_str(parse_url($answer, PHP_URL_QUERY), $query);
    $verifier = $query['oauth_verifier'];
}
$oauth->setToken($temporary['oauth_token'], $temporary['oauth_token_secret']);
$token = $oauth->getAccessToken($accessUrl, null, $verifier, 'POST');
$oauth->setToken($token['oauth_token'], $token['oauth_token_secret']);
$oauth->fetch("$api/sms/json", ['from' => 'PHP', 'to' => '15551234567', 'text' => 'a+b & cé 100 %'], OAUTH_HTTP_METHOD_POST);
$sent = json_decode($oauth->getLastResponse(), true);
$oauth->fetch("$api/account/get-balance?unused=1%20%2B%201");
$balance = json_decode($oauth->getLastResponse(), true);
echo $sent['messages'][0]['status'], ' ', $balance['value'], "\n";
