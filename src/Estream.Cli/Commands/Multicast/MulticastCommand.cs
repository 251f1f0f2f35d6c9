using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Net.Multicast;
using Estream.Queue;

namespace Estream.Cli.Commands.Multicast;

/// <summary>`estream multicast publish` and `estream multicast subscribe`: publish a queue to a group, and rebuild it on other
/// machines.</summary>
internal static class MulticastCommand
{
    private const int MostReceivers = 1024;
    private const int MostFecData = 128;
    private const int MostFecParity = 32;

    public static Command Create(CliContext context) =>
        new("multicast", "Publishes a queue to many machines over UDP, and rebuilds it there.")
    {
        CreatePublish(context),
        CreateSubscribe(context),
    };

    private static Command CreatePublish(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<string> flow = new("--flow-control")
        {
            Description = "Which subscribers set the pace. min: the slowest one. max: the fastest one; slower ones catch up from the "
                + "queue. tagged: the slowest one with the tag of --tag.",
            DefaultValueFactory = _ => "min",
        };
        flow.AcceptOnlyFromAmong("min", "max", "tagged");
        Option<long> tag = new("--tag") { Description = "The tag of --flow-control tagged.", HelpName = "N" };
        Option<int> receivers = new("--receivers")
        {
            Description = "Send nothing before this number of subscribers has joined.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        Option<int> most = new("--max-receivers")
        {
            Description = "Refuse more subscribers than this.",
            HelpName = "N",
            DefaultValueFactory = _ => 64,
        };
        Option<long> rate = new("--rate")
        {
            Description = "The maximum rate of new messages in bytes per second; 0 for no limit.",
            HelpName = "N",
        };
        Option<bool> congestion = new("--congestion-window")
        {
            Description = "Limit the data in flight as TCP does (CUBIC), for networks that are shared or far.",
        };
        Option<string?> fec = new("--fec")
        {
            Description = "Forward error correction: after each DATA packets, send PARITY packets that restore as many lost ones. For "
                + "example 10:2.",
            HelpName = "DATA:PARITY",
        };
        Option<string?> queueKeys = QueueKeys();
        Option<bool> json = SharedOptions.Json();
        Command command = new("publish",
            "Publishes a queue until it is stopped. Read-only; a running host is not affected. Subscribers can join at any time. Example: "
            + "estream multicast publish orders --group 239.1.2.3 --interface eth0")
        {
            queue, flow, tag, receivers, most, rate, congestion, fec, queueKeys, json,
        };
        ChannelOptions channelOptions = new(command);
        command.SetAction(parsed =>
        {
            int mostReceivers = (int)ChannelOptions.InRange("--max-receivers", parsed.GetValue(most), 1, MostReceivers);
            (int data, int parity) = Fec(parsed.GetValue(fec));
            MulticastPublisherOptions options = new()
            {
                StreamId = channelOptions.Stream(parsed),
                Key = channelOptions.Key(parsed),
                FlowControl = Enum.Parse<MulticastFlowControl>(parsed.GetRequiredValue(flow), ignoreCase: true),
                FlowControlTag = parsed.GetValue(tag),
                MinimumReceivers = (int)ChannelOptions.InRange("--receivers", parsed.GetValue(receivers), 1, mostReceivers),
                MaxReceivers = mostReceivers,
                MaxBytesPerSecond = ChannelOptions.InRange("--rate", parsed.GetValue(rate), 0, long.MaxValue),
                UseCongestionWindow = parsed.GetValue(congestion),
                FecData = data,
                FecParity = parity,
                Clock = context.Clock,
            };
            MulticastChannelOptions network = channelOptions.Channel(parsed);
            string name = parsed.GetRequiredValue(queue);
            using QueueKeyRing? keys = parsed.GetValue(queueKeys) is { } file ? QueueKeyRing.FromFile(file) : null;
            using EstreamQueue source = EstreamQueue.OpenReadOnly(
                new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, name), new QueueOptions { Keys = keys });
            using MulticastChannel channel = MulticastChannel.OpenPublisher(network);
            using MulticastPublisher publisher = new(source, channel, options);
            using LineWriter lines = new(context.Output);
            MulticastText text = new(lines, parsed.GetValue(json));
            text.WriteOpened("publishing", name, network.EndPoint, channel);
            new MulticastRun(context).Publish(channel, publisher, text);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateSubscribe(CliContext context)
    {
        Argument<string> queue = new("QUEUE")
        {
            Description = "The name of the copy, or its directory if the argument contains a '/'. Created if it does not exist; an "
                + "existing copy continues after its last message.",
        };
        Option<string> from = new("--from")
        {
            Description = "Where a new copy starts: start (the oldest message), end, or a position of the source.",
            HelpName = "WHERE",
            DefaultValueFactory = _ => "start",
        };
        Option<long> tag = new("--tag") { Description = "The tag for a publisher with --flow-control tagged.", HelpName = "N" };
        Option<string?> queueKeys = QueueKeys();
        Option<bool> json = SharedOptions.Json();
        Command command = new("subscribe",
            "Rebuilds a published queue, message by message with the same bytes, until it is stopped. Example: estream multicast subscribe "
            + "orders --group 239.1.2.3 --interface eth0")
        {
            queue, from, tag, queueKeys, json,
        };
        ChannelOptions channelOptions = new(command);
        command.SetAction(parsed =>
        {
            (MulticastStart start, long position) = Start(parsed.GetRequiredValue(from));
            using QueueKeyRing? keys = parsed.GetValue(queueKeys) is { } file ? QueueKeyRing.FromFile(file) : null;
            MulticastSubscriberOptions options = new()
            {
                StreamId = channelOptions.Stream(parsed),
                Key = channelOptions.Key(parsed),
                Start = start,
                StartPosition = position,
                FlowControlTag = parsed.GetValue(tag),
                Queue = new QueueOptions { Keys = keys },
                Clock = context.Clock,
            };
            MulticastChannelOptions network = channelOptions.Channel(parsed);
            string name = parsed.GetRequiredValue(queue);
            string directory = name.Contains('/') ? name : Path.Combine(context.DataFolder, DataFolder.Queues, name);
            using MulticastChannel channel = MulticastChannel.OpenSubscriber(network);
            using MulticastSubscriber subscriber = new(directory, channel, options);
            using LineWriter lines = new(context.Output);
            MulticastText text = new(lines, parsed.GetValue(json));
            text.WriteOpened("subscribing", name, network.EndPoint, channel);
            new MulticastRun(context).Subscribe(channel, subscriber, text);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string?> QueueKeys() => new("--queue-key-file")
    {
        Description = "The master key file of an encrypted queue, on this machine. Each line has an id and 64 hexadecimal digits. Only its "
            + "owner may access the file.",
        HelpName = "FILE",
    };

    private static (MulticastStart Start, long Position) Start(string text) => text switch
    {
        "start" => (MulticastStart.Oldest, 0),
        "end" => (MulticastStart.Newest, 0),
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position) && (position & 7) == 0 =>
            (MulticastStart.Position, position),
        _ => throw new CliException(
            $"--from '{text}' is not valid. Give start, end, or a position that 'estream tail' prints for the source."),
    };

    private static (int Data, int Parity) Fec(string? text)
    {
        if (text is null)
        {
            return (0, 0);
        }

        string[] parts = text.Split(':');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int data)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parity)
            && data is >= 1 and <= MostFecData && parity is >= 1 and <= MostFecParity
            ? (data, parity)
            : throw new CliException($"--fec '{text}' is not valid. Give 1 to {MostFecData} data packets and 1 to {MostFecParity} parity "
                + "packets, for example 10:2.");
    }
}
