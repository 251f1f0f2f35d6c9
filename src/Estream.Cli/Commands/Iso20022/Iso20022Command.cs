using System.CommandLine;
using System.Text;
using System.Text.Json;
using Estream.Cli.Output;
using Estream.Map;
using Estream.Wire.Iso20022;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Commands.Iso20022;

/// <summary>`estream iso20022 send`, without a host, and `estream iso20022 payments`.</summary>
internal static class Iso20022Command
{
    private const int DefaultTimeoutMs = 30_000;
    private const int MaxTimeoutMs = 600_000;
    private const int DefaultPort = 20022;
    private const int MaxFileBytes = 64 << 20;

    public static Command Create(CliContext context) => new("iso20022",
        "Sends ISO 20022 messages over TCP or TLS, and lists payments. Example: estream iso20022 send 127.0.0.1 payment.xml")
    {
        CreateSend(context),
        CreatePayments(context),
    };

    private static Command CreateSend(CliContext context)
    {
        Argument<string> address = new("HOST:PORT") { Description = $"The receiver. Default port: {DefaultPort}." };
        Argument<string> file = new("FILE") { Description = "A message in XML or JSON. - reads standard input." };
        Option<int> timeout = FeedRun.Number(
            "--timeout", "The time to connect, and to wait for the answer, in milliseconds.", DefaultTimeoutMs, 1, MaxTimeoutMs);
        Option<bool> json = SharedOptions.Json();
        Command command = new("send",
            "Sends a message and prints the answer: a pacs.002, an admi.002, ACK or NAK. The message is not checked. Exit code 1 if the "
            + "answer rejects the message. Example: estream iso20022 send 127.0.0.1:20022 payment.xml")
        {
            address, file, timeout, json,
        };
        ServerTlsOptions tls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            byte[] message = Read(context, parsed.GetRequiredValue(file));
            WireAddress target = WireAddress.ParseWithDefault("HOST:PORT", parsed.GetRequiredValue(address), DefaultPort);
            TimeSpan limit = TimeSpan.FromMilliseconds(parsed.GetValue(timeout));
            Iso20022Connection connection = await Iso20022Connection.ConnectAsync(
                target.Host, target.Port, limit, tls.Read(parsed), MaxFileBytes, cancellation).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                string answer = await ExchangeAsync(connection, message, limit, cancellation).ConfigureAwait(false);
                return Show(context, answer, parsed.GetValue(json));
            }
        });
        return command;
    }

    private static Command CreatePayments(CliContext context)
    {
        Argument<string> adapter = new("ADAPTER")
        {
            Description =
                "The name of an adapter of type iso20022-client, or the directory of its payments if the argument contains a '/'.",
        };
        Option<string> message = new("--message") { Description = "Print only the payments of this message.", HelpName = "MSGID" };
        Option<bool> json = SharedOptions.Json();
        Command command = new("payments",
            "Prints the state of each payment that a client has sent, the oldest first. Example: estream iso20022 payments bank")
        {
            adapter, message, json,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(adapter);
            string directory = name.Contains('/') ? name : Path.Combine(context.DataFolder, "adapters", name, "payments");
            if (!Directory.Exists(directory))
            {
                throw new CliException(
                    $"There are no payments in '{directory}'. Set ESTREAM_DATA to the data folder of the host, or give the directory.");
            }

            List(context, directory, parsed.GetValue(message), parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<string> ExchangeAsync(
        Iso20022Connection connection, byte[] message, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        waiting.CancelAfter(limit);
        try
        {
            await connection.SendAsync(message, waiting.Token).ConfigureAwait(false);
            ReadOnlyMemory<byte> answer = await connection.ReceiveAsync(waiting.Token).ConfigureAwait(false);
            return answer.IsEmpty
                ? throw new CliException("The receiver closed the connection without an answer.")
                : Encoding.UTF8.GetString(answer.Span);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException(
                $"No answer arrived within {limit.TotalSeconds:0.###} s. A listener that answers by messages does not answer a stored "
                + "message other than pacs.008.");
        }
    }

    private static int Show(CliContext context, string answer, bool isJson)
    {
        bool isRejected = answer.StartsWith("NAK", StringComparison.Ordinal) || answer.Contains("xsd:admi.002.", StringComparison.Ordinal)
            || answer.Contains("Sts>RJCT<", StringComparison.Ordinal);
        using LineWriter lines = new(context.Output);
        if (isJson)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteBoolean("rejected"u8, isRejected);
                writer.WriteString("answer"u8, answer);
            });
        }
        else
        {
            lines.WriteLine(answer);
        }

        return isRejected ? ExitCode.No : ExitCode.Ok;
    }

    private static void List(CliContext context, string directory, string? message, bool isJson)
    {
        List<(long Recorded, byte[] Json)> payments = [];
        using (ByteMap map = ByteMap.OpenReadOnly(directory))
        {
            foreach (ByteMapEntry entry in map)
            {
                using JsonDocument payment = JsonDocument.Parse(entry.Value.ToArray());
                if (message is null || payment.RootElement.GetProperty("messageId").ValueEquals(message))
                {
                    payments.Add((payment.RootElement.GetProperty("recordedNanos").GetInt64(), entry.Value.ToArray()));
                }
            }
        }

        using LineWriter lines = new(context.Output);
        foreach ((_, byte[] json) in payments.OrderBy(payment => payment.Recorded))
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement payment = document.RootElement;
            string status = payment.TryGetProperty("status", out JsonElement code) ? code.GetString()! : "-";
            lines.WriteLine(isJson
                ? Encoding.UTF8.GetString(json)
                : $"{payment.GetProperty("state").GetString(),-9} {status,-8} {payment.GetProperty("messageId").GetString()} "
                    + payment.GetProperty("endToEndId").GetString());
        }
    }

    private static byte[] Read(CliContext context, string file)
    {
        using Stream input = file == "-" ? context.Input : File.OpenRead(file);
        using MemoryStream content = new();
        byte[] part = new byte[81_920];
        for (int count = input.Read(part); count > 0; count = input.Read(part))
        {
            if (content.Length + count > MaxFileBytes)
            {
                throw new CliException($"'{file}' is longer than {MaxFileBytes} bytes.");
            }

            content.Write(part, 0, count);
        }

        return content.Length > 0 ? content.ToArray() : throw new CliException($"'{file}' is empty. Name a file with a message.");
    }
}
