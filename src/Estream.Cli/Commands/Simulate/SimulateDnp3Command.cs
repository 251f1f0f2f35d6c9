using System.CommandLine;
using System.Net.Sockets;
using Estream.Wire.Dnp3;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate dnp3`: an outstation whose points change.</summary>
internal static class SimulateDnp3Command
{
    private const int Points = 4;
    private const int MaxIntervalMs = 3_600_000;

    public static Command Create(CliContext context)
    {
        Option<int> port = FeedRun.Number("--port", "The port of 127.0.0.1; 0 for any free port.", Dnp3EndpointOptions.TcpPort, 0,
            ushort.MaxValue);
        Option<int> outstation = FeedRun.Number("--outstation", "The link address of the outstation.", 10, 0, 65_519);
        Option<int> master = FeedRun.Number("--master", "The link address of the master.", 1, 0, 65_519);
        Option<int> every = FeedRun.Number("--every", "The interval of changes, in milliseconds.", 1_000, 1, MaxIntervalMs);
        Command command = new("dnp3",
            "Simulates a DNP3 outstation with inputs, outputs and counters. Its values change, and it reports them as events. It performs "
            + "commands. Example: estream simulate dnp3 --port 20000")
        {
            port, outstation, master, every,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Dnp3OutstationOptions options = new()
            {
                Port = parsed.GetValue(port),
                OutstationAddress = (ushort)parsed.GetValue(outstation),
                MasterAddress = (ushort)parsed.GetValue(master),
            };
            Dnp3Outstation device = Listen(options);
            await using (device.ConfigureAwait(false))
            {
                Fill(device);
                SimulateCommand.Announce(
                    context, $"simulating DNP3 outstation {options.OutstationAddress} for master {options.MasterAddress}", device.Port);
                await ChangeAsync(device, parsed.GetValue(every), cancellation).ConfigureAwait(false);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Dnp3Outstation Listen(Dnp3OutstationOptions options)
    {
        try
        {
            return new Dnp3Outstation(options);
        }
        catch (SocketException failure)
        {
            throw new CliException($"Port {options.Port} of 127.0.0.1 cannot be opened: {failure.Message}. Name another with --port.");
        }
    }

    private static void Fill(Dnp3Outstation device)
    {
        for (ushort index = 0; index < Points; index++)
        {
            device.Set(new Dnp3Measurement(Dnp3PointKind.BinaryInput, index, index % 2) { IsInteger = true });
            device.Set(new Dnp3Measurement(Dnp3PointKind.BinaryOutput, index, 0) { IsInteger = true });
            device.Set(new Dnp3Measurement(Dnp3PointKind.Counter, index, 100 * index) { IsInteger = true });
            device.Set(new Dnp3Measurement(Dnp3PointKind.AnalogInput, index, index + 0.5));
            device.Set(new Dnp3Measurement(Dnp3PointKind.AnalogOutput, index, 0) { IsInteger = true });
        }
    }

    /// <summary>Changes one input of each kind in turn until cancelled.</summary>
    private static async Task ChangeAsync(Dnp3Outstation device, int everyMs, CancellationToken cancellation)
    {
        for (int step = 0; !cancellation.IsCancellationRequested; step++)
        {
            await Task.Delay(everyMs, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ushort index = (ushort)(step % Points);
            device.Set(
                new Dnp3Measurement(Dnp3PointKind.BinaryInput, index, (step / Points) % 2) { IsInteger = true }, Dnp3Classes.Events1);
            device.Set(
                new Dnp3Measurement(Dnp3PointKind.AnalogInput, index, Math.Round(50 + (40 * Math.Sin(step / 10.0)), 2)),
                Dnp3Classes.Events2);
            device.Set(
                new Dnp3Measurement(Dnp3PointKind.Counter, index, (100 * index) + step) { IsInteger = true }, Dnp3Classes.Events3);
        }
    }
}
