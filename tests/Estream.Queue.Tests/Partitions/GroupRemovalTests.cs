using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests.Partitions;

/// <summary>Goal: a group can be removed completely, but not while it has members.</summary>
public sealed class GroupRemovalTests : QueueCase
{
    private const int Count = 3;

    [Fact]
    public void A_group_with_members_is_not_removed()
    {
        using PartitionedQueue queue = Filled(), elsewhere = PartitionedQueue.Open(QueueDirectory, Small);
        GroupMember first = queue.JoinGroup("group"), second = queue.JoinGroup("group");
        Read(first, 1);
        Assert.Contains("2 members", Assert.Throws<EstreamLeaseException>(() => elsewhere.RemoveGroup("group")).Message,
            StringComparison.Ordinal);
        second.Dispose();
        Assert.Contains("1 member,", Assert.Throws<EstreamLeaseException>(() => elsewhere.RemoveGroup("group")).Message,
            StringComparison.Ordinal);
        first.Dispose();

        using GroupMember again = queue.JoinGroup("group");
        Assert.Equal(Count, Read(again, int.MaxValue));
    }

    [Fact]
    public void RemoveGroup_refuses_invalid_names_and_read_only_queues()
    {
        using PartitionedQueue queue = Filled();
        queue.JoinGroup("group").Dispose();
        Assert.Throws<ArgumentException>(() => queue.RemoveGroup("../group"));
        Assert.Throws<ArgumentException>(() => queue.RemoveGroup(new string('a', 91)));
        using PartitionedQueue readOnly = PartitionedQueue.OpenReadOnly(QueueDirectory, Small);
        Assert.Throws<InvalidOperationException>(() => readOnly.RemoveGroup("group"));
        Assert.Single(queue.GetGroups());
    }

    [Fact]
    public void An_unknown_group_is_not_removed_and_leaves_no_files()
    {
        using PartitionedQueue queue = Filled();
        Assert.False(queue.RemoveGroup("group"));
        Assert.False(Directory.Exists(InQueue("groups")));
    }

    [Fact]
    public void Positions_of_a_group_without_its_directory_are_removed()
    {
        using PartitionedQueue queue = Filled();
        using (GroupMember member = queue.JoinGroup("group"))
        {
            Assert.Equal(Count, Read(member, int.MaxValue));
        }

        Directory.Delete(InQueue("groups", "group"), recursive: true);
        Assert.True(queue.RemoveGroup("group"));
        Assert.All(Enumerable.Range(0, Count), number => Assert.Empty(queue.Partition(number).GetInfo().Tailers));
        Assert.False(queue.RemoveGroup("group"));
    }

    [Fact]
    public void A_removed_group_leaves_no_files_and_a_new_group_of_its_name_starts_at_the_oldest_messages()
    {
        using PartitionedQueue queue = Filled();
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small), other = EstreamQueue.Open(Beside("other"), Small);
        queue.JoinGroup("kept").Dispose();
        using (GroupMember member = queue.JoinGroup("group"))
        {
            Assert.Equal(Count, Read(member, int.MaxValue));
            _ = member.TryNext(out _, out _);
        }

        queue.JoinGroup("group", output).Dispose();
        Assert.Throws<ArgumentException>(() => queue.JoinGroup("group", other));
        Assert.True(queue.RemoveGroup("group"));

        Assert.Equal("kept", Assert.Single(queue.GetGroups()).Name);
        Assert.False(Directory.Exists(InQueue("groups", "group")));
        Assert.All(Enumerable.Range(0, Count),
            number => Assert.DoesNotContain(queue.Partition(number).GetInfo().Tailers, tailer => tailer.Name == "group-group"));
        Assert.False(queue.RemoveGroup("group"));
        queue.JoinGroup("group", other).Dispose();
        using GroupMember again = queue.JoinGroup("group");
        Assert.Equal(Count, Read(again, int.MaxValue));
    }

    [Fact]
    public void A_group_whose_files_and_partitions_are_damaged_can_be_removed()
    {
        using (PartitionedQueue queue = Filled())
        using (GroupMember member = queue.JoinGroup("group"))
        {
            Assert.Equal(Count, Read(member, int.MaxValue));
        }

        Overwrite(InQueue("groups", "group", "group.meta"), 0, new byte[256]);
        Overwrite(InQueue("0001", "queue.meta"), 0, new byte[256]);
        using PartitionedQueue damaged = PartitionedQueue.Open(QueueDirectory, Small);
        Assert.True(damaged.RemoveGroup("group"));
        Assert.Empty(damaged.GetGroups());
        Assert.False(File.Exists(InQueue("0001", "tailers", "group-group.cursor")));
    }

    [Fact]
    public void A_removed_group_no_longer_counts_towards_the_maximum()
    {
        using PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, 1, Small);
        for (int i = 0; i < PartitionedQueue.MaxGroups; i++)
        {
            queue.JoinGroup($"group{i}").Dispose();
        }

        Assert.Contains("remove-group", Assert.Throws<EstreamLeaseException>(() => queue.JoinGroup("more")).Message,
            StringComparison.Ordinal);
        Assert.True(queue.RemoveGroup("group7"));
        queue.JoinGroup("more").Dispose();
        Assert.Throws<EstreamLeaseException>(() => queue.JoinGroup("group7"));
    }

    [Fact]
    public async Task A_group_is_either_removed_before_a_member_joins_or_not_at_all()
    {
        const int Rounds = 200;
        using Barrier start = new(2);
        using PartitionedQueue queue = Filled();
        for (int round = 0; round < Rounds; round++)
        {
            queue.JoinGroup("group").Dispose();
            Task<bool> removing = Task.Run(() =>
            {
                start.SignalAndWait();
                return queue.RemoveGroup("group");
            });
            start.SignalAndWait();
            using GroupMember member = queue.JoinGroup("group");
            try
            {
                Assert.True(await removing);
            }
            catch (EstreamLeaseException)
            {
                // The member was first.
            }

            _ = member.TryNext(out _, out _);
            GroupInfo group = Assert.Single(queue.GetGroups());
            Assert.Equal(Count, group.Partitions.Count(partition => partition.ProcessId != 0));
        }
    }

    private PartitionedQueue Filled()
    {
        PartitionedQueue queue = PartitionedQueue.Open(QueueDirectory, Count, Small);
        using PartitionedAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < Count; i++)
        {
            appender.Of(i).Append("message"u8);
        }

        return queue;
    }

    private static int Read(GroupMember member, int most)
    {
        int count = 0;
        while (count < most && member.TryNext(out _, out QueueTailer? tailer))
        {
            Assert.True(tailer.TryRead(out _));
            count++;
        }

        return count;
    }
}
