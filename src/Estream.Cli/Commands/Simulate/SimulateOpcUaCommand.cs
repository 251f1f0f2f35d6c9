using System.CommandLine;
using Estream.Cli.Output;
using Estream.Wire.OpcUa;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate opcua`: an OPC UA server with a few variables.</summary>
internal static class SimulateOpcUaCommand
{
    private const int DefaultPort = 4_840;
    private const double Mean = 20;
    private const double Amplitude = 5;
    private const double SecondsPerTurn = 60;

    public static Command Create(CliContext context)
    {
        Option<int> port = FeedRun.Number("--port", "The port; 0 for a free one.", DefaultPort, 0, ushort.MaxValue);
        Option<int> interval = FeedRun.Number("--interval", "The time between changes, in milliseconds.", 500, 10, 3_600_000);
        Option<bool> json = SharedOptions.Json();
        Command command = new("opcua",
            "Serves an OPC UA address space without security: ns=1;s=Temperature and ns=1;s=Count change, and ns=1;s=SetPoint and "
            + "ns=1;s=Name can be written. Read it with --policy None. Example: estream simulate opcua")
        {
            port, interval, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using OpcUaSimulator simulator = new(parsed.GetValue(port));
            simulator.AddVariable("Temperature", new UaVariant(UaType.Double, Mean));
            simulator.AddVariable("Count", new UaVariant(UaType.UInt32, 0u));
            simulator.AddVariable("SetPoint", new UaVariant(UaType.Double, Mean), isWritable: true);
            simulator.AddVariable("Name", new UaVariant(UaType.String, "press 4"), isWritable: true);
            using (LineWriter lines = new(context.Output))
            {
                Say(lines, parsed.GetValue(json), simulator.Url);
            }

            await ChangeAsync(simulator, TimeSpan.FromMilliseconds(parsed.GetValue(interval)), cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task ChangeAsync(OpcUaSimulator simulator, TimeSpan interval, CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(interval);
        for (uint count = 1; await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false); count++)
        {
            double turn = count * interval.TotalSeconds / SecondsPerTurn * Math.Tau;
            simulator.SetValue("Temperature", new UaVariant(UaType.Double, Math.Round(Mean + (Amplitude * Math.Sin(turn)), 2)));
            simulator.SetValue("Count", new UaVariant(UaType.UInt32, count));
        }
    }

    private static void Say(LineWriter lines, bool isJson, string url)
    {
        if (isJson)
        {
            lines.WriteObject(writer => writer.WriteString("url"u8, url));
        }
        else
        {
            lines.WriteLine($"serving OPC UA at {url}; Ctrl-C ends");
        }
    }
}
