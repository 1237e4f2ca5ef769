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

function verify(array $input): array
{
    // The provider takes all parameters as one array, parsed by whoever receives the request.
    $client = $input['credentials'][0];
    parse_str(parse_url($input['uri'], PHP_URL_QUERY) ?? '', $query);
    parse_str($input['body'], $form);
    preg_match_all('/(oauth_\w+)="([^"]*)"/', array_column($input['headers'], 1, 0)['Authorization'], $pairs);
    $provider = new OAuthProvider(array_combine($pairs[1], array_map('rawurldecode', $pairs[2])) + $query + $form);
    $provider->consumerHandler(function ($provider) use ($client) {
        $provider->consumer_secret = $client['secret'];
        return OAUTH_OK;
    });
    $provider->tokenHandler(function ($provider) use ($client) {
        $provider->token_secret = $client['tokens'][0]['secret'];
        return OAUTH_OK;
    });
    $provider->timestampNonceHandler(fn () => OAUTH_OK);
    $provider->checkOAuthRequest(strtok($input['uri'], '?'), $input['method']);
    return ['output' => 'accepted'];
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
    } catch (Throwable $error) {
        $reply = ['error' => $error->getMessage()];
    }
    echo json_encode(['id' => $request['id']] + $reply, JSON_THROW_ON_ERROR), "\n";
}
