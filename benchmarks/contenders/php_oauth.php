<?php
// PECL oauth, an extension written in C. The form is given as an array, decoded beforehand; what the provider is given is
// parsed beforehand too, unless php_oauth_parsing.php says otherwise.
$parses ??= false;
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

echo implode("\t", [
    'PHP extension oauth (C)' . ($parses ? ', parsing in PHP' : ''),
    phpversion('oauth') . ', PHP ' . PHP_VERSION,
    'array',
    $parses ? 'verify' : 'sign verify',
]), "\n";
while (($line = fgets(STDIN)) !== false) {
    [$verb, $path] = explode("\t", rtrim($line, "\n"));
    $requests = [];
    foreach (file($path, FILE_IGNORE_NEW_LINES) as $row) {
        [$method, $uri, $form, $header] = explode("\t", $row);
        parse_str($form, $pairs);
        if ($verb === 'time' || $verb === 'sign') {
            $requests[] = [$method, $uri, $pairs];
        } else {
            $requests[] = $parses ? [$method, $uri, $form, $header] : received([$method, $uri, $form, $header]);
        }
    }
    if ($verb === 'time') {
        $start = hrtime(true);
        foreach ($requests as [$method, $uri, $form]) {
            $oauth->getRequestHeader($method, $uri, $form);
        }
        echo (hrtime(true) - $start) / 1e9 / count($requests), "\n";
    } elseif ($verb === 'sign') {
        foreach ($requests as [$method, $uri, $form]) {
            echo $oauth->getRequestHeader($method, $uri, $form), "\n";
        }
    } elseif ($verb === 'verify') {
        $start = hrtime(true);
        foreach ($requests as $request) {
            accepts($parses ? received($request) : $request);
        }
        echo (hrtime(true) - $start) / 1e9 / count($requests), "\n";
    } else {
        foreach ($requests as $request) {
            echo accepts($parses ? received($request) : $request) ? 'yes' : 'no', "\n";
        }
    }
}
