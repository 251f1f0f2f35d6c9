using System.CommandLine;
using Estream.Cli.Output;
using Estream.Wire.OpcUa;

namespace Estream.Cli.Commands.OpcUa;

/// <summary>`estream opcua watch`: prints each change of nodes.</summary>
internal static class OpcUaWatchCommand
{
    public static Command Create(CliContext context)
    {
        Option<bool> json = SharedOptions.Json();
        Option<int> interval = FeedRun.Number("--interval", "The time between notifications, in milliseconds.", 1_000, 10, 3_600_000);
        Option<int> count = FeedRun.Number("--count", "End after this many changes; 0 for no end.", 0, 0, int.MaxValue);
        Argument<string[]> nodes = new("NODE")
        {
            Description = "The nodes, such as ns=1;s=Temperature.",
            Arity = ArgumentArity.OneOrMore,
        };
        Command command = new("watch",
            "Prints each change of nodes until Ctrl-C, also across lost connections. Connects, disconnects and lost changes are printed "
            + "to standard error. Example: estream opcua watch opc.tcp://10.0.0.7:4840 'ns=2;s=Temperature' --json");
        OpcUaTarget target = new(command);
        command.Arguments.Add(nodes);
        foreach (Option option in (Option[])[interval, count, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            string[] texts = parsed.GetRequiredValue(nodes);
            Array.ForEach(texts, text => OpcUaTarget.Parse(text));
            bool isJson = parsed.GetValue(json);
            int most = parsed.GetValue(count);
            int shown = 0;
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            OpcUaWatcher watcher = new(
                target.Read(context, parsed), texts, parsed.GetValue(interval),
                change =>
                {
                    if (most > 0 && ++shown > most)
                    {
                        return;
                    }

                    using (LineWriter lines = new(context.Output))
                    {
                        OpcUaCommand.Show(lines, isJson, change.Node, change.Value);
                    }

                    if (shown == most && most > 0)
                    {
                        end.Cancel();
                    }
                },
                context.Error.WriteLine, context.Clock);
            await watcher.RunAsync(end.Token).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }
}
