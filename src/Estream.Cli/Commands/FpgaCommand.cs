using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Fpga;

namespace Estream.Cli.Commands;

/// <summary>`estream fpga list`, `info`, `selftest` and `bench`. Every line of output names the backend, because simulated cycles are not
/// hardware time.</summary>
internal static class FpgaCommand
{
    private const string DefaultCard = "sim:";

    public static Command Create(CliContext context) =>
        new("fpga", "Lists, describes, tests and measures FPGA cards.")
    {
        CreateList(context),
        CreateInfo(context),
        CreateSelfTest(context),
        CreateBench(context),
    };

    private static Command CreateList(CliContext context)
    {
        Command command = new("list",
            "Lists the simulated card and every device bound to vfio-pci. Exit code 1 if no card can be opened. Example: estream fpga "
            + "list");
        FormatOption format = new(command);
        command.SetAction(parsed =>
        {
            using LineWriter lines = new(context.Output);
            bool any = false;
            foreach (string uri in FpgaAddresses.Find())
            {
                FpgaInfo? info = TryRead(uri, out string? why);
                any |= info is not null;
                if (format.IsJson(parsed))
                {
                    FpgaText.WriteListed(lines, uri, info, why);
                }
                else
                {
                    lines.WriteLine(info is null
                        ? $"{uri}  cannot be opened: {why}" : $"{uri}  {FpgaText.Named(info.Backend)}, engines: {info.Engines}");
                }
            }

            return any ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static Command CreateInfo(CliContext context)
    {
        Option<string> uri = Card();
        Option<bool> json = SharedOptions.Json();
        Command command = new("info", "Shows the properties of a card; with --json also its counters since it was opened. Example: estream "
            + "fpga info --card sim:") { uri, json };
        command.SetAction(parsed =>
        {
            using FpgaCard card = FpgaCard.Open(parsed.GetRequiredValue(uri));
            using LineWriter lines = new(context.Output);
            if (parsed.GetValue(json))
            {
                FpgaText.WriteInfo(lines, card.Info, card.ReadCounters());
            }
            else
            {
                FpgaText.WriteInfoText(lines, card.Info);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateSelfTest(CliContext context)
    {
        Option<string> uri = Card();
        Option<int> operations = new("--operations")
        {
            Description = "The number of operations per engine, 1 to 10000000.",
            DefaultValueFactory = _ => 10_000,
            HelpName = "N",
        };
        Option<int> seed = new("--seed") { Description = "The seed of the random test "
            + "data.", DefaultValueFactory = _ => 1, HelpName = "N" };
        Option<bool> json = SharedOptions.Json();
        Command command = new("selftest",
            "Compares the results of each engine of a card with the processor. Resets the card. Exit code 1 if results differ. Example: "
            + "estream fpga selftest --card sim: --operations 1000") { uri, operations,
                seed, json };
        command.SetAction(parsed =>
        {
            int count = InRange("--operations", parsed.GetValue(operations), 10_000_000);
            using FpgaCard card = FpgaCard.Open(parsed.GetRequiredValue(uri));
            IReadOnlyList<FpgaSelfTestResult> results = FpgaSelfTest.Run(card, count, parsed.GetValue(seed));
            using LineWriter lines = new(context.Output);
            foreach (FpgaSelfTestResult result in results)
            {
                FpgaText.WriteSelfTest(lines, card.Info, result, parsed.GetValue(json));
            }

            if (results.Count == 0)
            {
                throw new CliException($"The card '{card.Info.Uri}' has no engine to test.");
            }

            return results.All(result => result.Wrong == 0) ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static Command CreateBench(CliContext context)
    {
        Option<string> uri = Card();
        Option<int> count = new("--count")
        {
            Description = "The number of messages, 1 to 100000000.",
            DefaultValueFactory = _ => 1_000_000,
            HelpName = "N",
        };
        Option<int> batch = new("--batch")
        {
            Description = "The number of messages per call, 1 to 4096.",
            DefaultValueFactory = _ => 256,
            HelpName = "N",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("bench",
            "Measures the host's cost of a 32-byte message in nanoseconds, and the cycles of the card. Example: estream fpga bench --card "
            + "sim: --count 100000") { uri, count, batch, json };
        command.SetAction(parsed =>
        {
            int messages = InRange("--count", parsed.GetValue(count), 100_000_000);
            int together = InRange("--batch", parsed.GetValue(batch), 4_096);
            using FpgaCard card = FpgaCard.Open(parsed.GetRequiredValue(uri));
            FpgaBench found = FpgaBench.Run(card, messages, together, context.Clock);
            using LineWriter lines = new(context.Output);
            FpgaText.WriteBench(lines, card.Info, found, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string> Card() =>
        new("--card")
        {
            Description = "The URI of the card: 'sim:' (simulation), 'vfio:ADDRESS' (for example 'vfio:0000:3b:00.0'), or 'loopback:' "
                + "(measures the host alone).",
            DefaultValueFactory = _ => DefaultCard,
            HelpName = "URI",
        };

    private static int InRange(string option, int value, int most) =>
        value >= 1 && value <= most
            ? value
            : throw new CliException(string.Create(CultureInfo.InvariantCulture, $"{option} takes 1 to {most}."));

    private static FpgaInfo? TryRead(string uri, out string? why)
    {
        try
        {
            using FpgaCard card = FpgaCard.Open(uri);
            why = null;
            return card.Info;
        }
        catch (EstreamFpgaException error)
        {
            why = error.Message;
            return null;
        }
    }
}
