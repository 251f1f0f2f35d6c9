using System.CommandLine;
using Estream.Wire.Mqtt;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Commands;

/// <summary>`estream feed`: simulates devices that publish telemetry by MQTT. Feeds of other protocols are its subcommands.</summary>
internal static class FeedCommand
{
    private const int DefaultConnections = 10;
    private const int MaxConnections = 1_000;
    private const int MaxDevices = 10_000_000;

    public static Command Create(CliContext context)
    {
        Command command = new("feed",
            "Publishes telemetry of simulated devices to a host by MQTT. The subcommand fix sends orders, fhir and hl7 send hospital data "
            + "and iso20022 sends payments. Prints a summary on Ctrl-C. Exit code 1 if messages are refused. Example: estream feed "
            + "--devices 100 --count 1000")
        {
            FixFeedCommand.Create(context),
            FhirFeedCommand.Create(context),
            Hl7FeedCommand.Create(context),
            PaymentFeedCommand.Create(context),
        };
        FeedOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            MqttPublisherOptions wanted = options.Read(parsed);
            await FeedRun.RequireServerAsync(wanted.Host, wanted.Port, cancellation).ConfigureAwait(false);
            DeviceFeed feed = new(wanted, new TelemetryPayload(context.Clock).Write);
            return await FeedRun.RunAsync(context, feed, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private sealed class FeedOptions
    {
        private readonly Option<string> _host = FeedRun.Host();
        private readonly Option<int> _port =
            FeedRun.Number("--port", "The MQTT port of the server. ESTREAM_MQTT_PORT sets the default.", DefaultPort(), 1, 65_535);
        private readonly Option<int> _devices = FeedRun.Number("--devices", "The number of simulated devices.", 1_000, 1, MaxDevices);
        private readonly Option<int> _connections = FeedRun.Number("--connections",
            "The number of connections that the devices share, at most one per device.", DefaultConnections, 1, MaxConnections);
        private readonly Option<int> _qos = FeedRun.Number("--qos", "The quality of service. 0: each message is sent once. 1: after a "
            + "reconnect, unacknowledged messages are resent.", 0, 0, 1);
        private readonly Option<double?> _rate = new("--rate")
        {
            Description = "Messages per second of all devices together; 0 sends as fast as the server accepts. Default: one per device.",
        };
        private readonly Option<long> _count = FeedRun.Count();
        private readonly ServerTlsOptions _tls;

        public FeedOptions(Command command)
        {
            _rate.Validators.Add(result =>
                FeedRun.Require(result.GetValueOrDefault<double?>() is null or >= 0, result,
                    "--rate takes 0 or more messages per second."));
            foreach (Option option in new Option[] { _devices, _rate, _connections, _qos, _host, _port, _count })
            {
                command.Options.Add(option);
            }

            _tls = new ServerTlsOptions(command);
        }

        public MqttPublisherOptions Read(ParseResult parsed)
        {
            int devices = parsed.GetValue(_devices);
            return new MqttPublisherOptions
            {
                Host = parsed.GetRequiredValue(_host),
                Port = parsed.GetValue(_port),
                Tls = _tls.Read(parsed),
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
    }
}
