# The protocol of vectors/README.md, for the adapters written in Perl.
package Serve;
use strict;
use warnings;
use JSON::PP;
use Exporter qw(import);
our @EXPORT = qw(serve unsupported);

sub unsupported { die { unsupported => $_[0] } }

# The functions, by name, take "input" and return output and base string.
sub serve {
    my %functions = @_;
    my $json = JSON::PP->new->ascii->canonical;
    $| = 1;
    while (my $line = <STDIN>) {
        my $request = $json->decode($line);
        my $input = $request->{input};
        my $reply = eval {
            my $function = $functions{ $request->{function} } or unsupported("the function");
            unsupported("octets that are not UTF-8") if ref $input->{uri} or ref $input->{form};
            my ($output, $base_string) = $function->($input);
            return { output => $output, defined $base_string ? (base_string => $base_string) : () };
        };
        $reply = ref $@ eq "HASH" ? $@ : { error => $@ =~ s/ at \S+ line \d+.*//sr } unless $reply;
        print $json->encode({ %$reply, id => $request->{id} }), "\n";
    }
}

1;
