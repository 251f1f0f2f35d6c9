using System.CommandLine;
using Estream.Wire;

namespace Estream.Cli.Commands;

/// <summary>The options for TLS connections to a server. Each of them enables TLS.</summary>
internal sealed class ServerTlsOptions
{
    private readonly Option<bool> _tls = new("--tls")
    {
        Description = "Connect by TLS. By default, the certificate authorities of the machine are trusted.",
    };
    private readonly Option<string?> _caFile = new("--ca-file")
    {
        Description = "Trust the certificate authorities in this file (PEM) instead of those of the machine. Enables TLS.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _serverName = new("--server-name")
    {
        Description = "The name that the server certificate must have. Default: the host. Enables TLS.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _pin = new("--pin")
    {
        Description =
            "Accept only this server certificate: its SHA-256 in 64 hexadecimal digits, or spki-sha256/ and the SHA-256 of its key in "
            + "base64. Enables TLS.",
        HelpName = "PIN",
    };
    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "The client certificate file (PEM), sent to a server that requests one. Enables TLS.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _certificateKey = new("--certificate-key")
    {
        Description = "The private key file (PEM) of --certificate, if the certificate file does not contain the key.",
        HelpName = "FILE",
    };

    /// <param name="command">The command that receives the options.</param>
    public ServerTlsOptions(Command command)
    {
        _pin.Validators.Add(result => FeedRun.Require(
            result.GetValueOrDefault<string?>() is not { } pin || IsPin(pin), result,
            "--pin takes 64 hexadecimal digits, with or without colons between them, or spki-sha256/ and 44 characters of base64."));
        foreach (Option option in (Option[])[_tls, _caFile, _serverName, _pin, _certificate, _certificateKey])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Returns the TLS options of a command line, or null if TLS is not enabled.</summary>
    public WireTlsOptions? Read(ParseResult parsed)
    {
        WireTlsOptions options = new()
        {
            CaFile = parsed.GetValue(_caFile),
            ServerName = parsed.GetValue(_serverName),
            Pins = parsed.GetValue(_pin) is { } pin ? [WirePin.Parse(pin)] : [],
            CertificateFile = parsed.GetValue(_certificate),
            KeyFile = parsed.GetValue(_certificateKey),
        };
        if (options is { KeyFile: not null, CertificateFile: null })
        {
            throw new CliException("--certificate-key requires --certificate.");
        }

        bool isWanted = parsed.GetValue(_tls) || options is not { CaFile: null, ServerName: null, Pins.Count: 0, CertificateFile: null };
        return isWanted ? options : null;
    }

    private static bool IsPin(string text)
    {
        try
        {
            return WirePin.Parse(text) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
