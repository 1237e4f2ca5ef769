# Net::OAuth. Query and form are given as a hash, decoded beforehand; nonce and time as in its synopsis.
use strict;
use warnings;
use Net::OAuth;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use URI::Escape qw(uri_unescape);

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
$| = 1;
my ($key, $secret, $token, $token_secret) = @ARGV;

sub signed {
    my ($method, $uri, $parameters) = @{$_[0]};
    my $request = Net::OAuth->request("protected resource")->new(
        consumer_key => $key, consumer_secret => $secret, token => $token, token_secret => $token_secret,
        request_url => $uri, request_method => $method, signature_method => "HMAC-SHA1",
        timestamp => time, nonce => join("", map { int(rand(2**31)) } 1 .. 2), extra_params => $parameters,
    );
    $request->sign;
    return $request->to_authorization_header;
}

sub request_of {
    my ($method, $uri, $form) = split /\t/, $_[0], -1;
    ($uri, my $query) = split /\?/, $uri;
    my %parameters;
    for my $pair (split /&/, join "&", grep { $_ } $query, $form) {
        my ($name, $value) = map { my $text = uri_unescape($_); utf8::decode($text); $text } split /=/, $pair;
        $parameters{$name} = $value;
    }
    return [$method, $uri, \%parameters];
}

print join("\t", "Net::OAuth (Perl)", "$Net::OAuth::VERSION, Perl $^V", "hash; the query too", "sign"), "\n";
while (my $line = <STDIN>) {
    chomp $line;
    my ($verb, $path) = split /\t/, $line;
    open my $file, "<", $path or die $!;
    my @requests = map { chomp; request_of($_) } <$file>;
    if ($verb eq "sign") {
        print signed($_), "\n" for @requests;
    } else {
        my $start = clock_gettime(CLOCK_MONOTONIC);
        signed($_) for @requests;
        print((clock_gettime(CLOCK_MONOTONIC) - $start) / @requests, "\n");
    }
}
