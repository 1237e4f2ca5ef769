# WWW::OAuth. URL and form are given as text, in the request.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Crypt::OpenSSL::RSA;
use MIME::Base64;
use Serve;
use WWW::OAuth;

sub sign {
    my $input = shift;
    my ($method, $client, $token) = @$input{qw(signature_method client token)};
    unsupported("a request without oauth_version") unless defined $input->{version};
    unsupported("the method $method") unless $method =~ /^(HMAC-SHA1|RSA-SHA1|PLAINTEXT)$/;
    my $base_string;
    my $key = $input->{rsa_key} && Crypt::OpenSSL::RSA->new_private_key($input->{rsa_key}{privateKeyPem});
    $key->use_sha1_hash if $key;
    my $oauth = WWW::OAuth->new(
        client_id => $client->{identifier}, client_secret => $client->{secret}, signature_method => $method,
        $token ? (token => $token->{identifier}, token_secret => $token->{secret}) : (),
        $key ? (signer => sub { encode_base64($key->sign($_[0]), "") }) : (),
    );
    my $own = $oauth->signer;
    $oauth->signer(sub { $base_string = $_[0]; $own->(@_) }) if $method ne "PLAINTEXT";
    my @form = length $input->{form} ? (content => $input->{form}) : ();
    my %headers = @form ? (headers => { "Content-Type" => "application/x-www-form-urlencoded" }) : ();
    my $header = $oauth->authorization_header(
        Basic => { method => $input->{method}, url => $input->{uri}, @form, %headers },
        {
            oauth_timestamp => $input->{timestamp}, oauth_nonce => $input->{nonce},
            map { @$_ } @{ $input->{protocol_parameters} },
        },
    );
    return ($header, $base_string);
}

serve(sign => \&sign);
