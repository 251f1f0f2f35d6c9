using System.CommandLine;
using System.Globalization;
using System.Text;
using Estream.Cli.Output;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Commands.Hl7;

/// <summary>`estream hl7 send`: sends the messages of a file by MLLP and prints the acknowledgements, without a host.</summary>
internal static class Hl7Command
{
    private const int DefaultTimeoutMs = 30_000;
    private const int MaxTimeoutMs = 600_000;
    private const int DefaultPort = 2575;
    private const int MaxFileBytes = 64 << 20;

    public static Command Create(CliContext context) => new("hl7",
        "Sends HL7 v2 messages to a receiver by MLLP. Example: estream hl7 send 10.0.0.7:2575 a01.hl7")
    {
        CreateSend(context),
    };

    private static Command CreateSend(CliContext context)
    {
        Argument<string> address = new("HOST:PORT") { Description = $"The receiver. Default port: {DefaultPort}." };
        Argument<string> file = new("FILE")
        {
            Description = "A message, several messages, or a batch (FHS, BHS). Lines may end with LF. - reads standard input.",
        };
        Option<int> timeout =
            FeedRun.Number("--timeout", "The time to wait for each acknowledgement, in milliseconds.", DefaultTimeoutMs, 1, MaxTimeoutMs);
        Option<bool> json = SharedOptions.Json();
        Command command = new("send",
            "Sends each message of a file, and prints one line for each acknowledgement: its code, the control id of the message, and "
            + "the error. Exit code 1 if a message is not accepted. Example: estream hl7 send 10.0.0.7:2575 a01.hl7")
        {
            address, file, timeout, json,
        };
        ServerTlsOptions tls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            List<byte[]> messages = Messages(context, parsed.GetRequiredValue(file));
            WireAddress target = WireAddress.ParseWithDefault("HOST:PORT", parsed.GetRequiredValue(address), DefaultPort);
            MllpClient client = await MllpClient.ConnectAsync(
                target.Host, target.Port, TimeSpan.FromMilliseconds(parsed.GetValue(timeout)), tls.Read(parsed), cancellation: cancellation)
                .ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                return await SendAsync(client, messages, context, parsed.GetValue(json), cancellation).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static async Task<int> SendAsync(
        MllpClient client, List<byte[]> messages, CliContext context, bool isJson, CancellationToken cancellation)
    {
        int code = ExitCode.Ok;
        foreach (byte[] message in messages)
        {
            Hl7Ack? ack = await client.SendAsync(message, cancellation).ConfigureAwait(false);
            if (ack?.Code.IsAccept() == false)
            {
                code = ExitCode.No;
            }

            using LineWriter lines = new(context.Output);
            Show(lines, ack, isJson);
        }

        return code;
    }

    private static void Show(LineWriter lines, Hl7Ack? ack, bool isJson)
    {
        if (isJson)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteString("code"u8, ack is null ? [] : ack.Code.Letters());
                writer.WriteString("control_id"u8, ack?.ControlId ?? "");
                writer.WriteNumber("error"u8, ack?.ErrorCode ?? 0);
                writer.WriteString("text"u8, ack?.Text ?? "");
            });
            return;
        }

        lines.WriteLine(ack is null
            ? "sent; the message asks for no acknowledgement of success"
            : string.Create(CultureInfo.InvariantCulture, $"{Encoding.ASCII.GetString(ack.Code.Letters())} {ack.ControlId}")
                + (ack.ErrorCode == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" error {ack.ErrorCode}"))
                + (ack.Text.Length == 0 ? "" : $": {ack.Text}"));
    }

    /// <summary>Reads and checks all messages, so that nothing is sent of a damaged file.</summary>
    private static List<byte[]> Messages(CliContext context, string file)
    {
        byte[] bytes = Read(context, file);
        List<byte[]> messages = [];
        Hl7BatchReader reader = new(bytes);
        Hl7Parser parser = new(Hl7Limits.Default);
        while (reader.TryRead(out ReadOnlySpan<byte> message))
        {
            if (parser.Parse(message, out _) is var status && status != Hl7Status.Ok)
            {
                throw new CliException($"Message {reader.Messages} of '{file}' is not valid: {status.Describe()}.");
            }

            messages.Add(message.ToArray());
        }

        if (reader.Failure is { } failure)
        {
            throw new CliException($"'{file}' is not valid: {failure}.");
        }

        return messages.Count > 0 ? messages : throw new CliException($"'{file}' contains no message: a message begins with MSH.");
    }

    /// <summary>Reads a file and ends its lines as HL7 requires, with CR.</summary>
    private static byte[] Read(CliContext context, string file)
    {
        using Stream input = file == "-" ? context.Input : File.OpenRead(file);
        using MemoryStream content = new();
        byte[] part = new byte[81_920];
        for (int count = input.Read(part); count > 0; count = input.Read(part))
        {
            if (content.Length + count > MaxFileBytes)
            {
                throw new CliException($"'{file}' is longer than {MaxFileBytes} bytes. Send it in parts.");
            }

            content.Write(part, 0, count);
        }

        // Latin-1 keeps every byte, whatever the character set of the message is.
        return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(content.GetBuffer(), 0, (int)content.Length).ReplaceLineEndings("\r"));
    }
}
