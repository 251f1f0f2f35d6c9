using System.CommandLine;
using System.Net.Sockets;
using Estream.Cli.Feed;
using Estream.Wire.Mqtt;

namespace Estream.Cli.Commands;

/// <summary>`estream feed`: simulated devices that publish telemetry over real MQTT.</summary>
internal static class FeedCommand
{
    private const int DefaultConnections = 10;
    private const int MaxConnections = 1_000;
    private const int MaxDevices = 10_000_000;

    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    public static Command Create(CliContext context)
    {
        FeedOptions options = new();
        Command command = new("feed", "Publishes the telemetry of simulated devices to a host. Ends on Ctrl-C with a summary.");
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            MqttPublisherOptions wanted = options.Read(parsed);
            await RequireServerAsync(wanted.Host, wanted.Port, cancellation).ConfigureAwait(false);
            return await RunAsync(context, wanted, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, MqttPublisherOptions options, CancellationToken cancellation)
    {
        TelemetryPayload payload = new(context.Clock);
        MqttPublisher publisher = new(options, payload.Write);
        FeedDisplay display = new(context, options);
        FeedCounts start = display.Count(publisher);
        Task run = publisher.RunAsync(cancellation);
        FeedCounts end = await display.ShowAsync(publisher, run).ConfigureAwait(false);
        await run.ConfigureAwait(false);
        using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
        await text.WriteLineAsync(end.Summary(start, options.Qos)).ConfigureAwait(false);
        return end.Refused == 0 ? ExitCode.Ok : ExitCode.No;
    }

    // The publisher tries again and again, as a device should; a person who forgot to start the host wants to know at once.
    private static async Task RequireServerAsync(string host, int port, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectLimit);
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new CliException($"cannot connect to {host}:{port} ({e.Message}): start a host with ./run.sh --no-demo, or name another with --host and --port");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"{host}:{port} did not answer within {s_connectLimit.TotalSeconds:0} s: check --host and --port");
        }
    }

    private sealed class FeedOptions
    {
        private readonly Option<string> _host = new("--host") { Description = "The server.", DefaultValueFactory = _ => "127.0.0.1" };
        private readonly Option<int> _port = Number("--port", "Its MQTT port; ESTREAM_MQTT_PORT where it is set.", DefaultPort(), 1, 65_535);
        private readonly Option<int> _devices = Number("--devices", "How many devices are simulated.", 1_000, 1, MaxDevices);
        private readonly Option<int> _connections = Number("--connections", "How many connections the devices share; at most one each.", DefaultConnections, 1, MaxConnections);
        private readonly Option<int> _qos = Number("--qos", "0: sent once. 1: acknowledged, and repeated until it is.", 0, 0, 1);
        private readonly Option<double?> _rate = new("--rate") { Description = "Messages per second of all devices together, 0 for as many as the server takes. Default: one per device." };
        private readonly Option<long> _count = new("--count") { Description = "Messages after which it ends by itself; 0 to go on.", DefaultValueFactory = _ => 0 };

        public void AddTo(Command command)
        {
            _rate.Validators.Add(result => Require(result.GetValueOrDefault<double?>() is null or >= 0, result, "--rate takes 0 or more messages per second."));
            _count.Validators.Add(result => Require(result.GetValueOrDefault<long>() >= 0, result, "--count takes 0 or more messages."));
            foreach (Option option in new Option[] { _devices, _rate, _connections, _qos, _host, _port, _count })
            {
                command.Options.Add(option);
            }
        }

        public MqttPublisherOptions Read(ParseResult parsed)
        {
            int devices = parsed.GetValue(_devices);
            return new MqttPublisherOptions
            {
                Host = parsed.GetRequiredValue(_host),
                Port = parsed.GetValue(_port),
                Devices = devices,
                Connections = Math.Min(parsed.GetValue(_connections), devices),
                Qos = (MqttQos)parsed.GetValue(_qos),
                MessagesPerSecond = parsed.GetValue(_rate) ?? devices,
                MaxMessages = parsed.GetValue(_count),
                MaxPayloadBytes = TelemetryPayload.MaxBytes,
            };
        }

        private static int DefaultPort()
        {
            return int.TryParse(Environment.GetEnvironmentVariable("ESTREAM_MQTT_PORT"), out int port) ? port : 1883;
        }

        private static Option<int> Number(string name, string description, int byDefault, int least, int most)
        {
            Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => byDefault, HelpName = "N" };
            option.Validators.Add(result => Require(
                result.GetValueOrDefault<int>() is int value && value >= least && value <= most, result, $"{name} takes {least} to {most}."));
            return option;
        }

        private static void Require(bool isFine, System.CommandLine.Parsing.OptionResult result, string message)
        {
            if (!isFine)
            {
                result.AddError(message);
            }
        }
    }
}
