using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Commands.Simulators;

/// <summary>`estream simulate hl7`: a receiver of HL7 messages that acknowledges each.</summary>
internal static class SimulateHl7Command
{
    private const int DefaultPort = 2576;

    public static Command Create(CliContext context)
    {
        Option<int> port = FeedRun.Number("--port", "The port; 0 for a free one.", DefaultPort, 0, ushort.MaxValue);
        Option<bool> json = SharedOptions.Json();
        Command command = new("hl7",
            "Receives HL7 v2 messages by MLLP, acknowledges each with AA, or with AR if it is not valid, and prints its type and control "
            + "id. To send simulated messages: estream feed hl7")
        {
            port, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            bool isJson = parsed.GetValue(json);
            using Hl7Receiver receiver = new(parsed.GetValue(port), context.Clock, message => Show(context, message, isJson));
            using (LineWriter lines = new(context.Output))
            {
                Say(lines, isJson, receiver.Port);
            }

            await receiver.RunAsync(cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Say(LineWriter lines, bool isJson, int port)
    {
        if (isJson)
        {
            lines.WriteObject(writer => writer.WriteNumber("port"u8, port));
        }
        else
        {
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"receiving HL7 messages on 127.0.0.1:{port}; Ctrl-C ends"));
        }
    }

    private static void Show(CliContext context, Hl7Received message, bool isJson)
    {
        using LineWriter lines = new(context.Output);
        if (isJson)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteString("type"u8, message.Type);
                writer.WriteString("control_id"u8, message.ControlId);
                writer.WriteString("code"u8, message.Code);
            });
        }
        else
        {
            lines.WriteLine($"{message.Type} {message.ControlId}: {message.Code}");
        }
    }
}
