using System.Text;
using Estream.Client.Tests.Hosting;

namespace Estream.Client.Tests.Groups;

/// <summary>Helpers for the tests of consumer groups.</summary>
internal static class GroupCase
{
    public const string Group = "booking";

    public static readonly CancellationToken Limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    /// <summary>The options of a member whose results are stored in the output.</summary>
    public static readonly GroupOptions WithOutput = new() { Output = ClientCase.Output };

    public static Task<RemoteGroupMember> JoinAsync(EstreamClient client, GroupOptions? options = null) =>
        client.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync(Group, options, Limit);

    /// <summary>Appends messages to a partition, which become visible together.</summary>
    public static Task AppendAsync(EstreamClient client, int partition, params string[] messages) =>
        client.Queue($"{ClientCase.Partitioned}.{partition:D4}").AppendBatchAsync(
            [.. messages.Select(message => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(message))], Limit);

    public static string[] TextsOf(GroupBatch batch) => [.. batch.Messages.Select(QueueTests.TextOf)];

    /// <summary>Reads the messages that the output has now.</summary>
    public static async Task<string[]> OutputAsync(EstreamClient client)
    {
        RemoteQueue output = client.Queue(ClientCase.Output);
        int count = (int)(await output.GetInfoAsync(Limit)).NextSequence;
        if (count == 0)
        {
            return [];
        }

        await using MessageSubscription messages = await output.SubscribeAsync(cancellation: Limit);
        return [.. (await QueueTests.TakeAsync(messages, count)).Select(QueueTests.TextOf)];
    }
}
