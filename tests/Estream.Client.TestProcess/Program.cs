using System.Globalization;
using Estream.Client;
using Estream.Client.TestProcess;

// The child process of the tests of remote clients. Appends or reads until it is killed. Prints what the host has acknowledged.
return args switch
{
    ["append", var socket, var queue, var producer, var writer] =>
        await AppendAsync(socket, queue, Guid.Parse(producer), byte.Parse(writer, CultureInfo.InvariantCulture)),
    ["read", var socket, var queue, var cursor] => await ReadAsync(socket, queue, cursor),
    ["group", var socket, var queue, var group, var output, var seed] =>
        await ConsumeAsync(socket, queue, group, output, new Random(int.Parse(seed, CultureInfo.InvariantCulture))),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};

static async Task<int> AppendAsync(string socket, string queue, Guid producer, byte writer)
{
    const int BurstMessages = 200;
    const int BurstsPerLine = 10;
    await using EstreamClient client = await EstreamClient.ConnectAsync(new Uri($"unix:{socket}"));
    RemoteAppender appender = await client.Queue(queue).ResumeAppenderAsync(producer);
    Say("from", appender.NextNumber);
    byte[] message = new byte[NumberedMessage.Bytes];
    for (long burst = 1; ; burst++)
    {
        for (int i = 0; i < BurstMessages; i++)
        {
            NumberedMessage.Write(message, writer, appender.NextNumber);
            await appender.AppendAsync(message);
        }

        if (burst % BurstsPerLine == 0)
        {
            Say("acknowledged", appender.Acknowledged);
        }

        // Limits the size of the queue in long runs.
        await Task.Delay(1);
    }
}

static async Task<int> ReadAsync(string socket, string queue, string cursor)
{
    const int CommittedTogether = 2_000;
    await using EstreamClient client = await EstreamClient.ConnectAsync(new Uri($"unix:{socket}"));
    await using MessageSubscription messages = await client.Queue(queue).SubscribeAsync(new SubscribeOptions { Cursor = cursor });
    long next = -1;
    await foreach (RemoteMessage message in messages)
    {
        if (next < 0)
        {
            next = message.Sequence;
            Say("first", next);
        }

        if (message.Sequence != next++)
        {
            Console.WriteLine($"gap: sequence number {message.Sequence} instead of {next - 1}");
            return 1;
        }

        if (next % CommittedTogether == 0)
        {
            Say("seen", message.Sequence);
            await messages.CommitAsync(message);
            Say("committed", message.Sequence);
        }
    }

    return 1;
}

// Appends partition and sequence number of each message to the output. Answers only a part of some batches.
static async Task<int> ConsumeAsync(string socket, string queue, string group, string output, Random random)
{
    const int BatchBytes = 1_000;
    await using EstreamClient client = await EstreamClient.ConnectAsync(new Uri($"unix:{socket}"));
    await using RemoteGroupMember member = await client.PartitionedQueue(queue).JoinGroupAsync(
        group, new GroupOptions { Output = output, MaxBatchBytes = BatchBytes });
    Console.WriteLine("joined");
    long done = 0;
    while (true)
    {
        GroupBatch batch = await member.NextAsync();
        int count = random.Next(4) == 0 ? random.Next(batch.Messages.Count + 1) : batch.Messages.Count;
        if (random.Next(20) == 0)
        {
            await Task.Delay(random.Next(5));
        }

        ReadOnlyMemory<byte>[] results =
            [.. batch.Messages.Take(count).Select(message => GroupResult.Of(batch.Partition, message.Sequence))];
        if (await batch.DoneAsync(count, results))
        {
            done += count;
            Say("done", done);
        }
    }
}

static void Say(string what, long number) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {number}"));
