using System.CommandLine;
using Estream.Cli.Output;
using Estream.Wire.OpcUa;

namespace Estream.Cli.Commands.OpcUa;

/// <summary>`estream opcua write`: writes the value of a node, and reads it back.</summary>
internal static class OpcUaWriteCommand
{
    public static Command Create(CliContext context)
    {
        Option<bool> json = SharedOptions.Json();
        Argument<string> node = OpcUaTarget.Node();
        Argument<string> text = new("VALUE") { Description = "The value, in the type that the node has now." };
        Command command = new("write",
            "Writes the value of a node in its present type, reads it back, and prints it. Exit code 1 if the server refuses the write or "
            + "has another value afterwards. Example: estream opcua write opc.tcp://10.0.0.7:4840 'ns=2;s=SetPoint' 42.5");
        OpcUaTarget target = new(command);
        command.Arguments.Add(node);
        command.Arguments.Add(text);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            UaNodeId to = OpcUaTarget.Parse(parsed.GetRequiredValue(node));
            await using OpcUaClient client = await target.ConnectAsync(context, parsed, cancellation).ConfigureAwait(false);
            UaVariant wanted = await ConvertAsync(client, to, parsed.GetRequiredValue(text), cancellation).ConfigureAwait(false);
            UaStatus status = (await client.WriteAsync([new UaWriteItem(to, wanted)], cancellation).ConfigureAwait(false))[0];
            if (status.IsBad)
            {
                throw new CliException($"The server does not write {to}: {status}. Check the node and its access rights.", ExitCode.No);
            }

            UaDataValue found = (await client.ReadAsync([new UaReadItem(to)], cancellation).ConfigureAwait(false))[0];
            using LineWriter lines = new(context.Output);
            OpcUaCommand.Show(lines, parsed.GetValue(json), to.ToString(), found);
            return found.Value == wanted ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static async Task<UaVariant> ConvertAsync(OpcUaClient client, UaNodeId node, string text, CancellationToken cancellation)
    {
        UaDataValue present = (await client.ReadAsync([new UaReadItem(node)], cancellation).ConfigureAwait(false))[0];
        if (present.Value.Type == UaType.Null)
        {
            throw new CliException($"{node} has no value, so its type is unknown: {present.Status}. Check the node.", ExitCode.No);
        }

        string type = $"{present.Value.Type}{(present.Value.IsArray ? " array" : "")}";
        return !present.Value.IsArray && UaVariant.TryParse(present.Value.Type, text, out UaVariant value)
            ? value
            : throw new CliException($"'{text}' is not a value for {node} of type {type}.");
    }
}
