using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Net.Multicast;
using Estream.Queue;

namespace Estream.Cli.Commands.Multicast;

/// <summary>`estream multicast publish` and `estream multicast subscribe`: publish a queue to a group, and rebuild it on other
/// machines.</summary>
internal static class MulticastCommand
{
    public static Command Create(CliContext context) =>
        new("multicast", "Publishes a queue to many machines over UDP, and rebuilds it there.")
    {
        CreatePublish(context),
        CreateSubscribe(context),
    };

    private static Command CreatePublish(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<bool> json = SharedOptions.Json();
        Command command = new("publish",
            "Publishes a queue until it is stopped. Read-only; a running host is not affected. Subscribers can join at any time. Example: "
            + "estream multicast publish orders --group 239.1.2.3 --interface eth0 --group-key-file group.key")
        {
            queue, json,
        };
        MasterKeyOptions masterKeys = new(command);
        ChannelOptions channelOptions = new(command);
        PublisherOptions publisherOptions = new(command);
        command.SetAction(parsed =>
        {
            MulticastPublisherOptions options = publisherOptions.Read(parsed) with
            {
                StreamId = channelOptions.Stream(parsed),
                Key = channelOptions.Key(parsed),
                Clock = context.Clock,
            };
            MulticastChannelOptions network = channelOptions.Channel(parsed);
            string name = parsed.GetRequiredValue(queue);
            using QueueKeyRing? keys = masterKeys.Read(parsed);
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
        Option<bool> json = SharedOptions.Json();
        Command command = new("subscribe",
            "Rebuilds a published queue, message by message with the same bytes, until it is stopped. Example: estream multicast subscribe "
            + "orders --group 239.1.2.3 --interface eth0 --group-key-file group.key")
        {
            queue, from, tag, json,
        };
        MasterKeyOptions masterKeys = new(command);
        ChannelOptions channelOptions = new(command);
        command.SetAction(parsed =>
        {
            (MulticastStart start, long position) = Start(parsed.GetRequiredValue(from));
            using QueueKeyRing? keys = masterKeys.Read(parsed);
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

    private static (MulticastStart Start, long Position) Start(string text) => text switch
    {
        "start" => (MulticastStart.Oldest, 0),
        "end" => (MulticastStart.Newest, 0),
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position) && (position & 7) == 0 =>
            (MulticastStart.Position, position),
        _ => throw new CliException(
            $"--from '{text}' is not valid. Give start, end, or a position that 'estream tail' prints for the source."),
    };
}
