using System.CommandLine;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Commands;

/// <summary>`estream feed hl7`: simulates a hospital system that sends messages to an HL7 listener.</summary>
internal static class Hl7FeedCommand
{
    private const int DefaultPort = 2575;
    private const double DefaultRate = 10;
    private const int MaxRate = 10_000;

    public static Command Create(CliContext context)
    {
        Option<string> host = FeedRun.Host();
        Option<int> port = FeedRun.Number("--port", "The MLLP port of the listener.", DefaultPort, 1, ushort.MaxValue);
        Option<double> rate = FeedRun.Rate(DefaultRate, MaxRate);
        Option<long> count = FeedRun.Count();
        Command command = new("hl7",
            "Sends admissions, updates and laboratory results of invented patients to an HL7 v2 listener by MLLP. Resends a message until "
            + "it is acknowledged. Exit code 1 if messages are refused. Example: estream feed hl7 --port 2575 --count 100")
        {
            host, port, rate, count,
        };
        ServerTlsOptions tls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            Hl7FeedOptions wanted = new()
            {
                Host = parsed.GetRequiredValue(host),
                Port = parsed.GetValue(port),
                Tls = tls.Read(parsed),
                MessagesPerSecond = parsed.GetValue(rate),
                MaxMessages = parsed.GetValue(count),
            };
            await FeedRun.RequireServerAsync(wanted.Host, wanted.Port, cancellation).ConfigureAwait(false);
            return await FeedRun.RunAsync(context, new Hl7Feed(wanted, context.Clock), cancellation).ConfigureAwait(false);
        });
        return command;
    }
}
