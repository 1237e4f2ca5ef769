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

sub verify {
    my $input = shift;
    my $client = $input->{credentials}[0];
    my %headers = map { @$_ } @{ $input->{headers} };
    my $request = Net::OAuth->request("protected resource")->from_authorization_header(
        $headers{Authorization}, request_url => $input->{uri}, request_method => $input->{method},
        consumer_secret => $client->{secret}, token_secret => $client->{tokens}[0]{secret},
        extra_params => { @{ pairs_of($input->{body}) } },
    );
    $request->verify or die "refused";
    return "accepted";
}

serve(sign => \&sign, verify => \&verify);
