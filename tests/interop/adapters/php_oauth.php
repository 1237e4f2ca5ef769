<?php
// PECL oauth. The URL is given as text, the form as an array.

class Unsupported extends Exception {}

const METHODS = [
    'HMAC-SHA1' => OAUTH_SIG_METHOD_HMACSHA1,
    'HMAC-SHA256' => OAUTH_SIG_METHOD_HMACSHA256,
    'RSA-SHA1' => OAUTH_SIG_METHOD_RSASHA1,
    'PLAINTEXT' => OAUTH_SIG_METHOD_PLAINTEXT,
];

function sign(array $input): array
{
    if (is_array($input['uri']) || is_array($input['form'])) {
        throw new Unsupported('octets that are not UTF-8');
    }
    if (!isset(METHODS[$input['signature_method']])) {
        throw new Unsupported("the method $input[signature_method]");
    }
    if ($input['version'] === null) {
        throw new Unsupported('a request without oauth_version');
    }
    // It takes no empty secret; with RSA none is used.
    $secret = isset($input['rsa_key']) ? 'unused' : $input['client']['secret'];
    $oauth = new OAuth($input['client']['identifier'], $secret, METHODS[$input['signature_method']]);
    if (isset($input['rsa_key'])) {
        $oauth->setRSACertificate($input['rsa_key']['privateKeyPem']);
    }
    if ($input['token']) {
        $oauth->setToken($input['token']['identifier'], $input['token']['secret']);
    }
    $oauth->setNonce($input['nonce']);
    $oauth->setTimestamp($input['timestamp']);
    $oauth->setVersion($input['version']);
    parse_str($input['form'], $form);
    if (urldecode(http_build_query($form)) !== urldecode(preg_replace('/(^|&)([^=&]+)(?=&|$)/', '$1$2=', $input['form']))) {
        throw new Unsupported('a form that parse_str changes');
    }
    $further = array_column($input['protocol_parameters'], 1, 0);
    $header = $oauth->getRequestHeader($input['method'], $input['uri'], $form + $further);
    foreach ($further as $name => $value) {  // signed, and left to the caller to send
        $header .= sprintf(', %s="%s"', $name, rawurlencode($value));
    }
    if ($input['signature_method'] === 'PLAINTEXT') {
        return ['output' => $header];
    }
    $own = [
        'oauth_consumer_key' => $input['client']['identifier'],
        'oauth_signature_method' => $input['signature_method'],
        'oauth_nonce' => $input['nonce'],
        'oauth_timestamp' => $input['timestamp'],
        'oauth_version' => $input['version'],
    ] + ($input['token'] ? ['oauth_token' => $input['token']['identifier']] : []);
    return ['output' => $header, 'base_string' => oauth_get_sbs($input['method'], $input['uri'], $form + $further + $own)];
}

// It compares signature, timestamp and nonce, and takes all parameters as one array, parsed by whoever receives the
// request; what parse_str and the header's usual pattern would change is not asked.
function verify(array $input): array
{
    $known = ['method', 'uri', 'headers', 'body', 'now', 'credentials', 'accept', 'token', 'earlier', 'disclose'];
    $further = array_diff(array_keys($input), $known);
    if ($further) {
        throw new Unsupported('the option ' . implode(', ', $further));
    }
    $used = [];
    foreach ($input['earlier'] ?? [] as $request) {
        try {
            $accepted = verified($request + $input, $used);
        } catch (OAuthException) {
            $accepted = false;
        }
        if ($accepted !== $request['accepted']) {
            throw new Unsupported('an earlier request had another outcome');
        }
    }
    verified($input, $used);
    return ['output' => new stdClass()];
}

function verified(array $input, array &$used): bool
{
    foreach ([$input['uri'], $input['body'], ...array_merge(...$input['headers'] ?: [[]])] as $text) {
        if (is_array($text)) {
            throw new Unsupported('octets that are not UTF-8');
        }
    }
    $headers = array_change_key_case(array_column($input['headers'], 1, 0));
    if (count($headers) < count($input['headers'])) {
        throw new Unsupported('a header field twice');
    }
    foreach ($input['credentials'] as $client) {
        if (($client['secret'] ?? '') === '' || isset($client['methods'])) {
            throw new Unsupported('clients with methods of their own');
        }
    }
    $is_form = preg_match('~^\s*application/x-www-form-urlencoded\s*(;|$)~i', $headers['content-type'] ?? '');
    $plain = [explode('?', $input['uri'], 2)[1] ?? '', $is_form ? $input['body'] : ''];
    $parameters = [];
    foreach (array_filter($plain) as $text) {
        parse_str($text, $pairs);
        if (urldecode(http_build_query($pairs)) !== urldecode(preg_replace('/(^|&)([^=&]+)(?=&|$)/', '$1$2=', $text)) || array_intersect_key($parameters, $pairs)) {
            throw new Unsupported('parameters that parse_str changes');
        }
        $parameters += $pairs;
    }
    if (isset($headers['authorization'])) {
        if (!preg_match('/^OAuth +(realm="[^"]*", *)?\w+="[^"]*"(, *\w+="[^"]*")*$/i', $headers['authorization'])) {
            throw new Unsupported('a header that is not of the usual form');
        }
        preg_match_all('/(\w+)="([^"]*)"/', $headers['authorization'], $found);
        $own = array_combine($found[1], array_map('rawurldecode', $found[2]));
        unset($own['realm']);
        if (count($own) + preg_match('/^OAuth +realm=/i', $headers['authorization']) < count($found[1]) || array_intersect_key($own, $parameters)) {
            throw new Unsupported('a parameter twice');
        }
        $parameters += $own;
    }
    $clients = array_column($input['credentials'], null, 'identifier');
    $provider = new OAuthProvider($parameters);
    $provider->consumerHandler(function ($provider) use ($clients) {
        $client = $clients[$provider->consumer_key] ?? null;
        $provider->consumer_secret = $client['secret'] ?? '';
        return $client ? OAUTH_OK : OAUTH_CONSUMER_KEY_UNKNOWN;
    });
    $provider->tokenHandler(function ($provider) use ($clients) {
        $token = array_column($clients[$provider->consumer_key]['tokens'] ?? [], null, 'identifier')[$provider->token] ?? null;
        $provider->token_secret = $token['secret'] ?? '';
        return $token && !isset($token['status']) ? OAUTH_OK : OAUTH_TOKEN_REJECTED;
    });
    $provider->timestampNonceHandler(function ($provider) use (&$used) {
        $key = json_encode([$provider->consumer_key, $provider->token, $provider->timestamp, $provider->nonce]);
        $bad = isset($used[$key]);
        $used[$key] = true;
        return $bad ? OAUTH_BAD_NONCE : OAUTH_OK;
    });
    $token = $input['token'] ?? 'required';
    $provider->is2LeggedEndpoint($token === 'absent' || ($token === 'optional' && !isset($parameters['oauth_token'])));
    if (str_starts_with($input['uri'], 'http:') && in_array('PLAINTEXT', $input['accept'] ?? [])) {
        throw new Unsupported('TLS');
    }
    if (in_array($parameters['oauth_signature_method'] ?? '', ['HMAC-SHA512', 'RSA-SHA256', 'RSA-SHA512'])) {
        throw new Unsupported("the method $parameters[oauth_signature_method]");
    }
    if (!in_array($parameters['oauth_signature_method'] ?? 'HMAC-SHA1', $input['accept'] ?? ['HMAC-SHA1'], true)) {
        throw new OAuthException('the method is not accepted');
    }
    $provider->checkOAuthRequest(strtok($input['uri'], '?'), $input['method']);
    return true;
}

while (($line = fgets(STDIN)) !== false) {
    $request = json_decode($line, true);
    try {
        $reply = match ($request['function']) {
            'sign' => sign($request['input']),
            'verify' => verify($request['input']),
            default => throw new Unsupported('the function'),
        };
    } catch (Unsupported $reason) {
        $reply = ['unsupported' => $reason->getMessage()];
    } catch (OAuthException $error) {
        $reply = ['error' => $error->getMessage()];
    } catch (Throwable $error) {
        $reply = ['crash' => $error->getMessage()];
    }
    echo json_encode(['id' => $request['id']] + $reply, JSON_THROW_ON_ERROR), "\n";
}
