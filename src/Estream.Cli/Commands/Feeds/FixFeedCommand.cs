using System.CommandLine;
using System.Security.Cryptography;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Commands;

/// <summary>`estream feed fix`: simulates a trading desk that sends orders to a FIX acceptor.</summary>
internal static class FixFeedCommand
{
    private const int DefaultPort = 9876;
    private const double DefaultRate = 10;
    private const int MaxRate = 100_000;

    public static Command Create(CliContext context)
    {
        Option<string> host = FeedRun.Host();
        Option<int> port = FeedRun.Number("--port", "The FIX port of the acceptor.", DefaultPort, 1, 65_535);
        Option<string> version = new("--fix-version")
        {
            Description = "The FIX version: FIX.4.2, FIX.4.4, FIX.5.0, FIX.5.0SP1 or FIX.5.0SP2.",
            HelpName = "VERSION",
            DefaultValueFactory = _ => "FIX.4.4",
        };
        Option<string> sender = SharedOptions.Required("--sender", "NAME", "SenderCompID: the name of the desk.");
        Option<string> target = SharedOptions.Required("--target", "NAME", "TargetCompID: the name of the acceptor.");
        Option<string?> username = new("--username")
        {
            Description = "The Username of the Logon, if the acceptor requires one.",
            HelpName = "NAME",
        };
        Option<string?> passwordFile = new("--password-file")
        {
            Description = "A file with the Password of the Logon. Only its owner may access it (chmod 600).",
            HelpName = "FILE",
        };
        Option<double> rate = FeedRun.Rate(DefaultRate, MaxRate);
        Option<long> count = FeedRun.Count();
        Command command = new("fix",
            "Sends orders of a simulated trading desk to a FIX acceptor. Sequence numbers restart at 1 with each Logon. Exit code 1 if "
            + "orders are refused. Example: estream feed fix --sender DESK --target VENUE --count 100")
        {
            host, port, version, sender, target, username, passwordFile, rate, count,
        };
        ServerTlsOptions tls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            FixFeedOptions wanted = new()
            {
                Host = parsed.GetRequiredValue(host),
                Port = parsed.GetValue(port),
                Tls = tls.Read(parsed),
                Protocol = ProtocolOf(parsed.GetRequiredValue(version)),
                Sender = parsed.GetRequiredValue(sender),
                Target = parsed.GetRequiredValue(target),
                Username = parsed.GetValue(username),
                PasswordFile = parsed.GetValue(passwordFile),
                MessagesPerSecond = parsed.GetValue(rate),
                MaxMessages = parsed.GetValue(count),
            };
            FixFeed feed = Open(wanted, context);
            await using (feed.ConfigureAwait(false))
            {
                await FeedRun.RequireServerAsync(wanted.Host, wanted.Port, cancellation).ConfigureAwait(false);
                return await FeedRun.RunAsync(context, feed, cancellation).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static FixFeed Open(FixFeedOptions options, CliContext context)
    {
        try
        {
            if (options.PasswordFile is { Length: > 0 } file)
            {
                // The session reads the file at each Logon and retries after errors. Check the file now to report errors immediately.
                CryptographicOperations.ZeroMemory(WireSecret.FromFile(file).Read());
            }

            return new FixFeed(options, context.Clock);
        }
        catch (Exception refusal) when (refusal is ArgumentException or WireConnectionException)
        {
            throw new CliException(refusal.Message);
        }
    }

    private static FixProtocol ProtocolOf(string version)
    {
        return version switch
        {
            "FIX.4.2" => FixProtocol.Fix42,
            "FIX.4.4" => FixProtocol.Fix44,
            "FIX.5.0" => FixProtocol.Fix50,
            "FIX.5.0SP1" => FixProtocol.Fix50Sp1,
            "FIX.5.0SP2" => FixProtocol.Fix50Sp2,
            _ => throw new CliException($"--fix-version takes FIX.4.2, FIX.4.4, FIX.5.0, FIX.5.0SP1 or FIX.5.0SP2, not '{version}'."),
        };
    }
}
