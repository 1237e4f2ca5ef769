# Net::OAuth, which signs, over HTTP::Tiny.
use strict;
use warnings;
use utf8;
use HTTP::Tiny;
use JSON::PP;
use Net::OAuth;
use URI;
use URI::QueryParam;

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
my ($request_url, $authorize_url, $access_url, $api, $key, $secret, $callback) = @ARGV;
my $http = HTTP::Tiny->new;

sub send_signed {
    my ($kind, $method, $url, $form, %more) = @_;
    my $request = Net::OAuth->request($kind)->new(
        consumer_key => $key, consumer_secret => $secret, request_url => $url, request_method => $method,
        signature_method => 'HMAC-SHA1', timestamp => time, nonce => join('', map { int rand 10 } 1 .. 20),
        extra_params => $form || {}, %more,
    );
    $request->sign;
    my %options = (headers => {Authorization => $request->to_authorization_header});
    if ($form) {
        $options{headers}{'Content-Type'} = 'application/x-www-form-urlencoded';
        $options{content} = $http->www_form_urlencode($form);
    }
    my $response = $http->request($method, $url, \%options);
    die "$response->{status} $response->{content}\n" unless $response->{success};
    return $response->{content};
}

my $temporary = Net::OAuth->response('request token')->from_post_body(
    send_signed('request token', 'POST', $request_url, undef, callback => $callback));
$| = 1;
print "$authorize_url?oauth_token=", $temporary->token, "\n";
chomp(my $answer = <STDIN>);
my $verifier = $callback eq 'oob' ? $answer : URI->new($answer)->query_param('oauth_verifier');
my $token = Net::OAuth->response('access token')->from_post_body(send_signed(
    'access token', 'POST', $access_url, undef,
    token => $temporary->token, token_secret => $temporary->token_secret, verifier => $verifier,
));
my @token = (token => $token->token, token_secret => $token->token_secret);
my $sent = decode_json(send_signed('protected resource', 'POST', "$api/sms/json",
    {from => 'Perl', to => '15551234567', text => 'a+b & c 100 %'}, @token));
my $balance = decode_json(
    send_signed('protected resource', 'GET', "$api/account/get-balance?unused=1%20%2B%201", undef, @token));
print "$sent->{messages}[0]{status} $balance->{value}\n";
