using System.CommandLine;
using Estream.Cli.Output;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate hl7`: a receiver of HL7 messages that acknowledges each.</summary>
internal static class SimulateHl7Command
{
    private const int DefaultPort = 2576;

    public static Command Create(CliContext context)
    {
        Option<int> port = FeedRun.Number("--port", "The port; 0 for a free one.", DefaultPort, 0, ushort.MaxValue);
        Command command = new("hl7",
            "Receives HL7 v2 messages by MLLP, acknowledges each with AA, or with AR if it is not valid, and prints its type and control "
            + "id. estream feed hl7 sends simulated messages. Example: estream simulate hl7")
        {
            port,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using LoopbackServer server = new(parsed.GetValue(port));
            SimulateCommand.Announce(context, "receiving HL7 messages", server.Port);
            Hl7Receiver receiver = new(context.Clock, message => Show(context, message));
            await server.RunAsync(receiver.ServeAsync, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(CliContext context, Hl7Received message)
    {
        using LineWriter lines = new(context.Output);
        lines.WriteLine($"{message.Type} {message.ControlId}: {message.Code}");
    }
}
