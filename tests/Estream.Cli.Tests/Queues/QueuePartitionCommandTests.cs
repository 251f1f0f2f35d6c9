using System.Text.Json;
using Estream.Queue;

namespace Estream.Cli.Tests;

/// <summary>Tests `estream queue create` and `estream queue info` with partitioned queues.</summary>
public sealed class QueuePartitionCommandTests
{
    [Fact]
    public async Task Create_makes_a_partitioned_queue_and_Info_shows_its_partitions_and_groups()
    {
        using SampleData data = new();
        CliResult made = await data.RunAsync("queue", "create", "orders", "--partitions", "4", "--segment-mib", "1");
        string directory = Path.Combine(Path.GetDirectoryName(data.QueueFolder)!, "orders");
        Assert.Equal((ExitCode.Ok, $"{directory} has 4 partitions\n"), (made.Code, made.Output));
        using (PartitionedQueue queue = PartitionedQueue.Open(directory))
        using (PartitionedAppender appender = queue.CreateAppender())
        using (GroupMember member = queue.JoinGroup("billing"))
        {
            appender.Of(2).Append("one"u8);
            appender.Of(2).Append("two"u8);
            Assert.True(member.TryNext(out _, out _));
            CliResult text = await data.RunAsync("queue", "info", "orders");
            Assert.Equal(
                [
                    $"directory  {directory}", "partitions 4, 4 of them in use", "messages   2",
                    "  0000     0 messages in 0 segments; group-billing is 0 behind",
                    "  0001     0 messages in 0 segments; group-billing is 0 behind",
                    "  0002     2 messages in 1 segments; group-billing is 2 behind",
                    "  0003     0 messages in 0 segments; group-billing is 0 behind",
                    $"group      billing: process {Environment.ProcessId} reads 0 1 2 3",
                ],
                text.Lines);
        }

        using JsonDocument json = JsonDocument.Parse((await data.RunAsync("queue", "info", "orders", "--json")).Output);
        Assert.Equal(4, json.RootElement.GetProperty("partitionCount").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("partitions")[2].GetProperty("messages").GetInt64());
        JsonElement partition = json.RootElement.GetProperty("groups")[0].GetProperty("partitions")[2];
        Assert.Equal((1, 0), (partition.GetProperty("epoch").GetInt64(), partition.GetProperty("processId").GetInt32()));

        foreach (string name in new[] { "orders/0002", "orders.0002" })
        {
            CliResult one = await data.RunAsync("queue", "info", name);
            Assert.Equal("messages   2, sequence 0 to 2 (next)", one.Lines[1]);
        }

        CliResult missing = await data.RunAsync("queue", "info", "orders.0009");
        Assert.NotEqual(ExitCode.Ok, missing.Code);
    }

    [Fact]
    public async Task RemoveGroup_removes_a_group_without_members()
    {
        using SampleData data = new();
        await data.RunAsync("queue", "create", "orders", "--partitions", "2", "--segment-mib", "1");
        string directory = Path.Combine(Path.GetDirectoryName(data.QueueFolder)!, "orders");
        using (PartitionedQueue queue = PartitionedQueue.Open(directory))
        using (GroupMember member = queue.JoinGroup("billing"))
        {
            CliResult refused = await data.RunAsync("queue", "remove-group", "orders", "billing");
            Assert.Equal(ExitCode.Failed, refused.Code);
            Assert.Contains("has 1 member", refused.Error, StringComparison.Ordinal);
        }

        CliResult removed = await data.RunAsync("queue", "remove-group", "orders", "billing");
        Assert.Equal((ExitCode.Ok, "removed group billing\n"), (removed.Code, removed.Output));
        Assert.DoesNotContain("billing", (await data.RunAsync("queue", "info", "orders")).Output, StringComparison.Ordinal);
        CliResult none = await data.RunAsync("queue", "remove-group", "orders", "billing");
        Assert.Equal((ExitCode.No, "there is no group 'billing'\n"), (none.Code, none.Output));
        Assert.Equal(ExitCode.Failed, (await data.RunAsync("queue", "remove-group", "orders", "a/b")).Code);
        Assert.Equal(ExitCode.Failed, (await data.RunAsync("queue", "remove-group", "telemetry", "billing")).Code);
        Assert.Equal(ExitCode.Failed, (await data.RunAsync("queue", "remove-group", "nothing", "billing")).Code);
    }

    [Fact]
    public async Task Create_refuses_another_number_of_partitions_and_values_out_of_range()
    {
        using SampleData data = new();
        Assert.Equal(ExitCode.Ok, (await data.RunAsync("queue", "create", "orders", "--partitions", "4")).Code);
        CliResult other = await data.RunAsync("queue", "create", "orders", "--partitions", "5");
        Assert.NotEqual(ExitCode.Ok, other.Code);
        Assert.Contains("has 4 partitions; 5 were requested", other.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Ok, (await data.RunAsync("queue", "create", "plain", "--partitions", "1025")).Code);
        Assert.NotEqual(ExitCode.Ok, (await data.RunAsync("queue", "create", "plain", "--segment-mib", "3")).Code);
        Assert.Equal(ExitCode.Ok, (await data.RunAsync("queue", "create", "plain", "--segment-mib", "2")).Code);
        Assert.Equal("segments   0 of 2097152 bytes", (await data.RunAsync("queue", "info", "plain")).Lines[3]);
    }
}
