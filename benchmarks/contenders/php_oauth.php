<?php
// PECL oauth, an extension written in C. The form is given as an array, decoded beforehand; what the provider is given is
// parsed beforehand too, unless php_oauth_parsing.php says otherwise.
//
// The extension keeps 4096 octets for each signature until its process ends. Each measurement of signing runs in a new
// process, so that it does not depend on what was signed before: nearly every signature needs a new page of memory from
// the system. In php_oauth_memory_reused.php the pages are there already.
$parses ??= false;
$reuses ??= false;
[, $key, $secret, $token, $tokenSecret] = $argv;
$oauth = new OAuth($key, $secret, OAUTH_SIG_METHOD_HMACSHA1, OAUTH_AUTH_TYPE_AUTHORIZATION);
$oauth->setToken($token, $tokenSecret);
$seen = [];

function accepts(array $request): bool
{
    [$method, $uri, $parameters] = $request;
    global $secret, $tokenSecret;
    try {
        $provider = new OAuthProvider($parameters);
        $provider->consumerHandler(function ($provider) use ($secret) {
            $provider->consumer_secret = $secret;
            return OAUTH_OK;
        });
        $provider->tokenHandler(function ($provider) use ($tokenSecret) {
            $provider->token_secret = $tokenSecret;
            return OAUTH_OK;
        });
        $provider->timestampNonceHandler(function ($provider) {
            global $seen;
            $used = "$provider->timestamp $provider->nonce";
            if (isset($seen[$used]) || abs(time() - $provider->timestamp) > 300) {
                return OAUTH_BAD_NONCE;
            }
            $seen[$used] = true;
            return OAUTH_OK;
        });
        $provider->checkOAuthRequest($uri, $method);
        return true;
    } catch (OAuthException $error) {
        return false;
    }
}

function received(array $request): array
{
    // The provider takes all parameters as one array.
    [$method, $uri, $form, $header] = $request;
    parse_str(parse_url($uri, PHP_URL_QUERY) ?? '', $parameters);
    parse_str($form, $more);
    preg_match_all('/(oauth_\w+)="([^"]*)"/', $header, $pairs);
    $parameters = array_merge($parameters, $more, array_combine($pairs[1], array_map('rawurldecode', $pairs[2])));
    return [$method, strtok($uri, '?'), $parameters];
}

function requests(string $verb, string $path): array
{
    global $parses;
    $requests = [];
    foreach (file($path, FILE_IGNORE_NEW_LINES) as $row) {
        [$method, $uri, $form, $header] = explode("\t", $row);
        if ($verb === 'time' || $verb === 'sign') {
            parse_str($form, $pairs);
            $requests[] = [$method, $uri, $pairs];
        } else {
            $requests[] = $parses ? [$method, $uri, $form, $header] : received([$method, $uri, $form, $header]);
        }
    }
    return $requests;
}

function headers(array $requests): array
{
    global $oauth;
    $headers = [];
    foreach ($requests as [$method, $uri, $form]) {
        $headers[] = $oauth->getRequestHeader($method, $uri, $form);
    }
    return $headers;
}

function secondsOfSigning(array $requests): float
{
    global $oauth, $reuses;
    headers(array_slice($requests, 0, 20));
    if ($reuses) {
        // As many signatures as a chunk of PHP's memory has pages for; PHP keeps its first chunk.
        $requests = array_slice($requests, 0, 350);
        $pages = [];
        while (count($pages) < 2000) {
            $pages[] = str_repeat('x', 4000);
        }
        unset($pages);
    }
    $start = hrtime(true);
    foreach ($requests as [$method, $uri, $form]) {
        $oauth->getRequestHeader($method, $uri, $form);
    }
    return (hrtime(true) - $start) / 1e9 / count($requests);
}

if (isset($argv[5])) {
    echo secondsOfSigning(requests('time', $argv[5])), "\n";
    exit;
}
echo implode("\t", [
    'PHP extension oauth (C)' . ($parses ? ', parsing in PHP' : '') . ($reuses ? ', memory reused' : ''),
    phpversion('oauth') . ', PHP ' . PHP_VERSION,
    'array',
    $parses ? 'verify' : ($reuses ? 'sign' : 'sign verify'),
]), "\n";
while (($line = fgets(STDIN)) !== false) {
    [$verb, $path] = explode("\t", rtrim($line, "\n"));
    if ($verb === 'time') {
        echo trim((string) shell_exec(implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...$argv, $path])))), "\n";
    } elseif ($verb === 'sign') {
        echo implode("\n", headers(requests($verb, $path))), "\n";
    } elseif ($verb === 'verify') {
        $requests = requests($verb, $path);
        $start = hrtime(true);
        foreach ($requests as $request) {
            accepts($parses ? received($request) : $request);
        }
        echo (hrtime(true) - $start) / 1e9 / count($requests), "\n";
    } else {
        foreach (requests($verb, $path) as $request) {
            echo accepts($parses ? received($request) : $request) ? 'yes' : 'no', "\n";
        }
    }
}
