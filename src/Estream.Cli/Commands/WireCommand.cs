using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Queue;
using Estream.Wire;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Commands;

/// <summary>`estream wire record` and `estream wire replay`: record TCP traffic in a queue and replay it.</summary>
internal static class WireCommand
{
    private const long DefaultMaxBytes = 1L << 30;
    private const long LeastMaxBytes = 1L << 16;
    private const int MaxPatienceSeconds = 3_600;

    public static Command Create(CliContext context)
    {
        return new Command("wire",
            "Records the traffic between clients and a server of any TCP protocol, and replays the clients.")
        {
            CreateRecord(context),
            CreateReplay(context),
        };
    }

    private static Command CreateRecord(CliContext context)
    {
        Option<string> listen = new("--listen")
        {
            Description = "The address that clients connect to instead of the server. Port 0 chooses a free port.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => "127.0.0.1:0",
        };
        Option<string> to = SharedOptions.Required("--to", "HOST:PORT", "The server that traffic is forwarded to.");
        Option<string> queue = SharedOptions.Required("--queue", "DIRECTORY",
            "The directory of the recording, a new queue. It must not exist.");
        Option<long> maxBytes = new("--max-bytes")
        {
            Description = "The maximum size of the recording in bytes; recording ends there.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultMaxBytes,
        };
        Option<string?> protocol = new("--protocol")
        {
            Description = "The protocol: mqtt, fix, fhir, modbus or dnp3. Passwords and tokens are recorded as asterisks. Default: record "
                + "all bytes.",
            HelpName = "NAME",
        };
        Option<string?> listenCertificate = new("--listen-certificate")
        {
            Description = "The server certificate file (PEM) for TLS connections from clients. Default: no TLS.",
            HelpName = "FILE",
        };
        Option<string?> listenKey = new("--listen-key")
        {
            Description = "The private key file (PEM) of --listen-certificate, if the certificate file does not contain the key.",
            HelpName = "FILE",
        };
        maxBytes.Validators.Add(result =>
            Require(result.GetValueOrDefault<long>() >= LeastMaxBytes, result, $"--max-bytes takes {LeastMaxBytes} or more."));
        RequireProtocol(protocol);
        Command command = new("record",
            "Relays traffic between clients and a server, and records both directions in a queue until Ctrl-C. Bytes are forwarded only "
            + "after they are recorded. Example: estream wire record --listen 127.0.0.1:1884 --to 127.0.0.1:1883 --queue plant.recording "
            + "--protocol mqtt") { listen, to, queue, maxBytes, protocol, listenCertificate, listenKey };
        MasterKeyOptions masterKeys = new(command);
        ServerTlsOptions serverTls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            WireAddress server = WireAddress.Parse("--to", parsed.GetRequiredValue(to), leastPort: 1);
            RelayTls tls = RelayTls.Load(ShownTo(parsed.GetValue(listenCertificate), parsed.GetValue(listenKey)), serverTls.Read(parsed),
                server.Host);
            using Socket listener = Listen(WireAddress.Parse("--listen", parsed.GetRequiredValue(listen), leastPort: 0));
            using QueueKeyRing? keys = masterKeys.Read(parsed);
            using WireRecorder recorder =
                WireRecorder.Create(parsed.GetRequiredValue(queue), parsed.GetValue(maxBytes), context.Clock, keys);
            WireProtocol spoken = ProtocolOf(parsed.GetValue(protocol));
            using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
            await text.WriteLineAsync($"listening on {listener.LocalEndPoint}, forwarding to {server}{WarningOf(spoken, keys)}")
                .ConfigureAwait(false);
            WireRelay relay = new(recorder, server, spoken, tls);
            await relay.RunAsync(listener, cancellation).ConfigureAwait(false);
            string refused = relay.Refused == 0
                ? ""
                : string.Create(CultureInfo.InvariantCulture,
                    $"; {relay.Refused} connections failed: {server} was unreachable, a certificate was rejected, or there were too many "
                    + $"connections");
            await text.WriteLineAsync($"{recorder.Summary}{refused}").ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateReplay(CliContext context)
    {
        Option<string> queue = SharedOptions.Required("--queue", "DIRECTORY", "The directory of the recording.");
        Option<string> to = SharedOptions.Required("--to", "HOST:PORT", "The server that receives the recorded client traffic.");
        Option<string> speed = new("--speed")
        {
            Description = "The replay speed. max: as fast as the server answers. 1: as recorded. 2: twice as fast.",
            HelpName = "N",
            DefaultValueFactory = _ => "max",
        };
        Option<bool> expect = new("--expect")
        {
            Description = "Require the server's output to match the recording: byte for byte, or message by message for FIX.",
        };
        Option<string?> protocol = new("--protocol")
        {
            Description =
                "The protocol. fix: responses are counted and compared by message, ignoring BodyLength, CheckSum, SendingTime and "
                + "OrigSendingTime (9, 10, 52, 122). Others: by byte.",
            HelpName = "NAME",
        };
        Option<int?> connection = new("--connection") { Description = "Replay only the connection with this number, starting at "
            + "1.", HelpName = "N" };
        Option<int> patience = new("--patience")
        {
            Description = "The time to wait for expected responses, in seconds.",
            HelpName = "N",
            DefaultValueFactory = _ => 10,
        };
        connection.Validators.Add(result =>
            Require(result.GetValueOrDefault<int?>() is null or > 0, result, "--connection takes 1 or more."));
        patience.Validators.Add(result =>
            Require(result.GetValueOrDefault<int>() is >= 1 and <= MaxPatienceSeconds, result,
                $"--patience takes 1 to {MaxPatienceSeconds} seconds."));
        RequireProtocol(protocol);
        Command command = new("replay",
            "Replays the clients of a recording in the recorded order. Exit code 1 if the server responds differently. Example: estream "
            + "wire replay --queue plant.recording --to 127.0.0.1:2883 "
            + "--expect") { queue, to, speed, expect, protocol, connection, patience };
        MasterKeyOptions masterKeys = new(command);
        ServerTlsOptions serverTls = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string directory = parsed.GetRequiredValue(queue);
            if (!Directory.Exists(directory))
            {
                throw new CliException($"There is no recording at '{directory}': the directory does not exist. Check the path.");
            }

            WireAddress server = WireAddress.Parse("--to", parsed.GetRequiredValue(to), leastPort: 1);
            ReplayOptions options = new(
                server,
                serverTls.Read(parsed)?.ToClientOptions(server.Host),
                ProtocolOf(parsed.GetValue(protocol)),
                SpeedOf(parsed.GetRequiredValue(speed)),
                parsed.GetValue(expect),
                parsed.GetValue(connection),
                TimeSpan.FromSeconds(parsed.GetValue(patience)));
            using QueueKeyRing? keys = masterKeys.Read(parsed);
            using EstreamQueue recording = EstreamQueue.OpenReadOnly(directory, new QueueOptions { Keys = keys });
            using WireReplay replay = new(options, context.Clock);
            string? difference = await replay.RunAsync(recording, cancellation).ConfigureAwait(false);
            using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
            await text.WriteLineAsync($"{replay.Summary}{(difference is null ? "" : $"; different from the recording: {difference}")}")
                .ConfigureAwait(false);
            return difference is null ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static WireServerTlsOptions? ShownTo(string? certificate, string? key)
    {
        if (certificate is null && key is not null)
        {
            throw new CliException("--listen-key requires --listen-certificate.");
        }

        return certificate is null ? null : new WireServerTlsOptions { CertificateFile = certificate, KeyFile = key };
    }

    private static void RequireProtocol(Option<string?> protocol)
    {
        protocol.Validators.Add(result =>
            Require(result.GetValueOrDefault<string?>() is null or "mqtt" or "fix" or "fhir" or "modbus" or "dnp3", result,
                "--protocol takes mqtt, fix, fhir, modbus or dnp3."));
    }

    private static WireProtocol ProtocolOf(string? name) => name switch
    {
        "mqtt" => WireProtocol.Mqtt,
        "fix" => WireProtocol.Fix,
        "fhir" => WireProtocol.Http,
        "modbus" or "dnp3" => WireProtocol.WithoutSecrets,
        _ => WireProtocol.Any,
    };

    /// <summary>Returns warnings about sensitive data in a recording.</summary>
    private static string WarningOf(WireProtocol spoken, QueueKeyRing? keys)
    {
        return (keys is null ? "; warning: all traffic is recorded as plaintext, including payments and names (encrypt it with "
            + "--key-file)" : "")
            + (spoken == WireProtocol.Any ? "; warning: passwords are recorded" : "");
    }

    private static double SpeedOf(string text)
    {
        if (text == "max")
        {
            return 0;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double speed) && speed > 0
            ? speed
            : throw new CliException($"--speed takes max or a number above 0, not '{text}'.");
    }

    private static Socket Listen(WireAddress address)
    {
        IPAddress? ip = address.Host == "localhost" ? IPAddress.Loopback : null;
        if (ip is null && !IPAddress.TryParse(address.Host, out ip))
        {
            throw new CliException($"--listen takes an IP address of this machine and a port, not '{address}'.");
        }

        Socket listener = new(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(ip, address.Port));
            listener.Listen();
            return listener;
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new CliException($"Cannot listen on {address} ({failure.Message}). Choose another port with --listen.");
        }
    }

    private static void Require(bool isFine, System.CommandLine.Parsing.OptionResult result, string message)
    {
        if (!isFine)
        {
            result.AddError(message);
        }
    }
}
