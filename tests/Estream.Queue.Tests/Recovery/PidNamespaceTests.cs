using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// Processes of two pid namespaces, like those of containers, on one queue. A process id of one namespace belongs to another process or to
/// none in the other namespace. Still, no living process is taken for dead, and the resources of a dead one are released.
/// </summary>
public sealed class PidNamespaceTests : QueueCase
{
    [PidNamespaceFact]
    public void A_writer_that_another_namespace_cannot_see_keeps_its_claim()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = readOnly.CreateTailer();
        using QueueAppender here = queue.CreateAppender();
        using AppendClaim mine = here.Claim(WriterMessage.MaxBytes);

        // The process checks for slots of dead writers when it starts.
        using ChildProcess there = StartThere("claim", QueueDirectory);
        there.WaitForText("claimed");
        there.Input.WriteLine();
        there.Input.Flush();
        there.WaitForText("committed");
        Assert.False(tailer.TryRead(out _));
        mine.Commit(WriterMessage.Write(1, 0, mine.Span));
        Assert.Equal(1, ReadWriter(tailer));
        Assert.Equal(0, ReadWriter(tailer));
    }

    [PidNamespaceFact]
    public void A_writer_in_another_namespace_keeps_its_claim_until_it_is_killed()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender();
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = readOnly.CreateTailer();
        using ChildProcess there = StartThere("claim", QueueDirectory);
        there.WaitForText("claimed");
        Assert.Equal([PidNamespace.ProcessId, Environment.ProcessId], queue.GetInfo().Appenders.Select(a => a.ProcessId).Order());
        appender.Append("behind"u8);
        queue.CreateAppender().Dispose();
        for (int i = 0; i < 20; i++)
        {
            queue.Shared.Dead.TryClearUpAll();
            Assert.False(tailer.TryRead(out _));
        }

        there.Kill();
        Eventually.True(() => tailer.TryRead(out _), "the maintenance thread reclaims the slot");
        Assert.Equal([Environment.ProcessId], queue.GetInfo().Appenders.Select(a => a.ProcessId));
    }

    [PidNamespaceFact]
    public void The_lease_and_a_name_held_in_another_namespace_are_free_when_their_owner_is_killed()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using ChildProcess writer = StartThere("append", QueueDirectory);
        writer.WaitForText("appending");
        using ChildProcess reader = StartThere("name", QueueDirectory, "theirs");
        reader.WaitForText("reading");
        Assert.Equal(PidNamespace.ProcessId,
            Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender(AppenderMode.Exclusive)).OwnerProcessId);
        Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender());
        Assert.Throws<EstreamLeaseException>(() => queue.CreateTailer("theirs"));
        QueueInfo info = queue.GetInfo();
        Assert.Equal([new AppenderInfo(PidNamespace.ProcessId, AppenderMode.Exclusive)], info.Appenders);
        Assert.Equal(PidNamespace.ProcessId, info.Tailers.Single().ProcessId);
        writer.Kill();
        reader.Kill();
        Eventually.True(() => queue.GetInfo() is { Appenders.Count: 0 } left && !left.Tailers.Single().IsInUse, "nobody is left");
        queue.CreateTailer("theirs").Dispose();
        using QueueAppender next = queue.CreateAppender(AppenderMode.Exclusive);
        next.Append("mine now"u8);
    }

    /// <summary>The kernel reports the users of a segment with process ids of the caller's namespace. Cursors and queue.meta contain the
    /// ids of the processes' own namespace.</summary>
    [PidNamespaceFact]
    public void Segment_users_in_another_namespace_are_listed_with_process_ids_of_this_namespace()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using ChildProcess writer = StartThere("append", QueueDirectory);
        writer.WaitForText("appending");
        using ChildProcess reader = StartThere("name", QueueDirectory, "theirs");
        reader.WaitForText("reading");
        IReadOnlyList<SegmentUser> users = queue.GetInfo(withSegmentUsers: true).SegmentUsers!;
        Assert.Equal(2, users.Count);
        Assert.Empty(users.Single(user => user.IsAppender).Tailers);
        Assert.Equal(["theirs"], users.Single(user => !user.IsAppender).Tailers);
        Assert.DoesNotContain(users, user => user.ProcessId == PidNamespace.ProcessId || user.ProcessId == Environment.ProcessId);
    }

    private static ChildProcess StartThere(params string[] arguments) =>
        PidNamespace.StartDotnet(BuiltProgram.Find("tests/Estream.Queue.TestProcess", "Estream.Queue.TestProcess.dll"), arguments);

    private static int ReadWriter(QueueTailer tailer)
    {
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.True(WriterMessage.TryRead(message.Payload, out WriterMark mark));
        return mark.Writer;
    }
}
