# Net::OAuth. The URL is given as text, the form as a hash.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Crypt::OpenSSL::RSA;
use Net::OAuth;
use Serve;
use URI;

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
my %class = (oauth_callback => "request token", oauth_verifier => "access token");

sub pairs_of {
    return [ map { utf8::decode(my $text = $_); $text } URI->new("http://form.invalid/?$_[0]")->query_form ];
}

sub sign {
    my $input = shift;
    my ($method, $client, $token) = @$input{qw(signature_method client token)};
    unsupported("a request without oauth_version") unless defined $input->{version};
    unsupported("the method $method") unless $method =~ /^(HMAC-SHA1|HMAC-SHA256|RSA-SHA1|PLAINTEXT)$/;
    my %further = map { @$_ } @{ $input->{protocol_parameters} };
    my ($name, @others) = sort keys %further;
    unsupported(join(", ", $name, @others) . " as a parameter") if @others or $name and !$class{$name};
    my $kind = $name ? $class{$name} : $token ? "protected resource" : "consumer";
    my $form = pairs_of($input->{form});
    my %form = @$form;
    unsupported("a name twice in the form") if 2 * keys %form < @$form;
    my $request = Net::OAuth->request($kind)->new(
        consumer_key => $client->{identifier}, consumer_secret => $client->{secret},
        $token ? (token => $token->{identifier}, token_secret => $token->{secret}) : (),
        request_url => $input->{uri}, request_method => $input->{method}, signature_method => $method,
        timestamp => $input->{timestamp}, nonce => $input->{nonce}, version => $input->{version},
        $name ? ($name =~ s/^oauth_//r => $further{$name}) : (), extra_params => \%form,
    );
    $request->sign($input->{rsa_key} ? Crypt::OpenSSL::RSA->new_private_key($input->{rsa_key}{privateKeyPem}) : ());
    return ($request->to_authorization_header, $method eq "PLAINTEXT" ? undef : $request->signature_base_string);
}

# It compares the signature of a header and leaves all else to the server.
sub verify {
    my $input = shift;
    my %known = map { $_ => 1 } qw(method uri headers body now credentials accept token earlier disclose);
    my ($further) = grep { !$known{$_} } sort keys %$input;
    unsupported("the option $further") if $further;
    unsupported("nonces") if @{ $input->{earlier} // [] };
    my ($client, @others) = @{ $input->{credentials} };
    unsupported("several clients") if @others;
    unsupported("clients with methods of their own") if $client->{methods} or !length($client->{secret} // "");
    my %headers;
    for my $pair (@{ $input->{headers} }) {
        unsupported("octets that are not UTF-8") if grep { ref } @$pair, $input->{body};
        unsupported("a header field twice") if exists $headers{ lc $pair->[0] };
        $headers{ lc $pair->[0] } = $pair->[1];
    }
    unsupported("protocol parameters outside the header") unless $headers{authorization};
    my $is_form = ($headers{"content-type"} // "") =~ /^application\/x-www-form-urlencoded/i;
    my $form = $is_form ? pairs_of($input->{body}) : [];
    my %form = @$form;
    unsupported("a name twice in the form") if 2 * keys %form < @$form;
    my $header = $headers{authorization};
    my $kind = $header =~ /oauth_token=/ ? "protected resource" : "consumer";
    unsupported("TLS") if $input->{uri} =~ /^http:/ and grep { $_ eq "PLAINTEXT" } @{ $input->{accept} // [] };
    unsupported("the method HMAC-SHA512") if $header =~ /HMAC-SHA512/;
    unsupported("oauth_callback with a token") if $kind ne "consumer" and $header =~ /oauth_callback=/;
    die "a token is required" if $kind eq "consumer" and ($input->{token} // "required") eq "required";
    my $message = $header =~ /oauth_callback=/ ? "request token" : $header =~ /oauth_verifier=/ ? "access token" : $kind;
    my $request = Net::OAuth->request($message)->from_authorization_header(
        $header, request_url => $input->{uri}, request_method => $input->{method},
        consumer_secret => $client->{secret}, $kind eq "consumer" ? () : (token_secret => ""), extra_params => \%form,
    );
    die "no such client" unless $request->consumer_key eq $client->{identifier};
    if ($kind ne "consumer") {
        my ($token) = grep { $_->{identifier} eq $request->token } @{ $client->{tokens} };
        die "no such token" unless $token and !$token->{status};
        $request->token_secret($token->{secret});
    }
    my %accept = map { $_ => 1 } @{ $input->{accept} // ["HMAC-SHA1"] };
    die "the method is not accepted" unless $accept{ $request->signature_method };
    $request->verify or die "refused";
    return {};
}

serve(sign => \&sign, verify => \&verify);
