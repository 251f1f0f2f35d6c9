using System.CommandLine;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Commands;

/// <summary>`estream feed iso20022`: simulates a bank that writes credit transfers into the folder of an adapter.</summary>
internal static class PaymentFeedCommand
{
    private const double DefaultRate = 10;
    private const int MaxRate = 10_000;

    public static Command Create(CliContext context)
    {
        Option<string> folder = SharedOptions.Required("--folder", "DIRECTORY", "The folder of an adapter of type iso20022-folder.");
        Option<double> rate = FeedRun.Rate(DefaultRate, MaxRate);
        Option<long> count = FeedRun.Count();
        Command command = new("iso20022",
            "Writes credit transfers (pacs.008) of a simulated bank into the folder of an adapter. With --count, exits when the adapter "
            + "has processed all of them. Exit code 1 if transfers are refused. Example: estream feed iso20022 --folder payments/in "
            + "--count 100")
        {
            folder, rate, count,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string directory = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(Path.Combine(directory, "done")))
            {
                throw new CliException(
                    $"No adapter uses the folder '{directory}': it has no subfolder 'done'. Start a host with an adapter of type "
                    + "iso20022-folder, or name its folder with --folder.");
            }

            PaymentFeed feed = new(directory, parsed.GetValue(rate), parsed.GetValue(count), context.Clock);
            return await FeedRun.RunAsync(context, feed, cancellation).ConfigureAwait(false);
        });
        return command;
    }
}
