using System.CommandLine;
using Estream.Wire;

namespace Estream.Cli.Commands;

/// <summary>The options for TLS connections to a server. Each of them enables TLS.</summary>
internal sealed class ServerTlsOptions
{
    private readonly Option<bool> _tls = new("--tls")
    {
        Description = "Connects by TLS, and trusts the authorities of the machine where nothing else is said.",
    };
    private readonly Option<string?> _caFile = new("--ca-file")
    {
        Description = "TLS, and trusts the authorities in this file (PEM) instead of the machine's.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _serverName = new("--server-name")
    {
        Description = "TLS, with a certificate of this name instead of that of the host.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _pin = new("--pin")
    {
        Description =
            "TLS, with this certificate and no other: the 64 hexadecimal digits of its SHA-256, or spki-sha256/ and the base64 of that of "
            + "its key.",
        HelpName = "PIN",
    };
    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "TLS, and shows the certificate in this file (PEM) to a server that asks for one.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _certificateKey = new("--certificate-key")
    {
        Description = "The key of that certificate (PEM), where its file does not hold it.",
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
            throw new CliException("--certificate-key is the key of --certificate, which is not there");
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
