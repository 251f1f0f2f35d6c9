using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Estream.Cli.Output;
using Estream.Wire.OpcUa;

namespace Estream.Cli.Commands.OpcUa;

/// <summary>`estream opcua`: browses, reads, writes and watches an OPC UA server, without a host.</summary>
internal static class OpcUaCommand
{
    private const int MaxReferences = 100_000;

    public static Command Create(CliContext context)
    {
        return new Command("opcua",
            "Browses, reads, writes and watches the nodes of an OPC UA server. Connections are signed and encrypted unless --policy None "
            + "is given. Example: estream opcua read opc.tcp://10.0.0.7:4840 'ns=2;s=Temperature'")
        {
            CreateBrowse(context),
            CreateRead(context),
            OpcUaWriteCommand.Create(context),
            OpcUaWatchCommand.Create(context),
        };
    }

    /// <summary>Prints a value as a line, or as a JSON object.</summary>
    public static void Show(LineWriter lines, bool isJson, string node, UaDataValue value)
    {
        if (!isJson)
        {
            string time = value.SourceTimestamp is { } source ? source.ToString("O", CultureInfo.InvariantCulture) : "";
            lines.WriteLine($"{node} = {value.Value} ({value.Value.Type}, {value.Status}) {time}".TrimEnd());
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteString("node"u8, node);
            json.WritePropertyName("value"u8);
            WriteValue(json, value.Value.Value);
            json.WriteString("type"u8, value.Value.Type.ToString());
            json.WriteString("status"u8, value.Status.ToString());
            if (value.SourceTimestamp is { } source)
            {
                json.WriteString("sourceTimestamp"u8, source);
            }
        });
    }

    private static Command CreateBrowse(CliContext context)
    {
        Option<bool> json = SharedOptions.Json();
        Argument<string> node = new("NODE")
        {
            Description = "The node. Default: the folder Objects.",
            DefaultValueFactory = _ => "i=85",
        };
        Command command = new("browse",
            "Prints the nodes below a node. Exit code 1 if there is no such node. Example: estream opcua browse opc.tcp://10.0.0.7:4840 "
            + "'ns=2;s=Plant'");
        OpcUaTarget target = new(command);
        command.Arguments.Add(node);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            UaNodeId from = OpcUaTarget.Parse(parsed.GetRequiredValue(node));
            await using OpcUaClient client = await target.ConnectAsync(context, parsed, cancellation).ConfigureAwait(false);
            (UaStatus status, IReadOnlyList<UaReference> references) = await client.BrowseAsync(from, MaxReferences, cancellation)
                .ConfigureAwait(false);
            if (status.IsBad)
            {
                throw new CliException($"The server does not browse {from}: {status}. Check the node.", ExitCode.No);
            }

            using LineWriter lines = new(context.Output);
            foreach (UaReference reference in references)
            {
                Show(lines, parsed.GetValue(json), reference);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRead(CliContext context)
    {
        Option<bool> json = SharedOptions.Json();
        Argument<string> node = OpcUaTarget.Node();
        Command command = new("read",
            "Prints the value of a node. Exit code 1 if its status is bad. Example: estream opcua read opc.tcp://10.0.0.7:4840 "
            + "'ns=2;s=Temperature' --json");
        OpcUaTarget target = new(command);
        command.Arguments.Add(node);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            UaNodeId from = OpcUaTarget.Parse(parsed.GetRequiredValue(node));
            await using OpcUaClient client = await target.ConnectAsync(context, parsed, cancellation).ConfigureAwait(false);
            UaDataValue value = (await client.ReadAsync([new UaReadItem(from)], cancellation).ConfigureAwait(false))[0];
            using LineWriter lines = new(context.Output);
            Show(lines, parsed.GetValue(json), from.ToString(), value);
            return value.Status.IsBad ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static void Show(LineWriter lines, bool isJson, UaReference reference)
    {
        string kind = reference.NodeClass switch
        {
            1 => "object",
            2 => "variable",
            4 => "method",
            _ => "type or view",
        };
        if (!isJson)
        {
            lines.WriteLine($"{reference.Node} {reference.BrowseName} ({kind})");
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteString("node"u8, reference.Node.ToString());
            json.WriteString("browseName"u8, reference.BrowseName.ToString());
            json.WriteString("displayName"u8, reference.DisplayName.Text);
            json.WriteString("class"u8, kind);
        });
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case object?[] elements:
                json.WriteStartArray();
                foreach (object? element in elements)
                {
                    WriteValue(json, element);
                }

                json.WriteEndArray();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case byte[] bytes:
                json.WriteStringValue(Convert.ToHexString(bytes));
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
