using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>One exclusive appender across all processes, one user of a tailer name, and no lease that outlives its owner.</summary>
public sealed class LeaseTests : QueueCase
{
    [Fact]
    public void A_second_appender_of_the_same_queue_object_reports_this_process()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AssertTaken(queue, Environment.ProcessId);
        using EstreamQueue second = EstreamQueue.Open(QueueDirectory);
        AssertTaken(second, Environment.ProcessId);
        appender.Append("still works"u8);
    }

    [Fact]
    public void Disposing_an_appender_frees_the_lease_and_the_next_one_continues_at_the_end()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        QueueAppender first = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(first, 10);
        long position = first.NextPosition;
        first.Dispose();
        first.Dispose();
        Assert.Equal(0, queue.GetInfo().WriterProcessId);
        using QueueAppender second = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(Environment.ProcessId, queue.GetInfo().WriterProcessId);
        Assert.Equal(10, second.NextSequence);
        Assert.Equal(position, second.NextPosition);
        Assert.Throws<ObjectDisposedException>(() => first.Append("x"u8));
        Assert.Throws<ObjectDisposedException>(() => first.Claim(1).Commit());
    }

    [Fact]
    public void An_appender_of_another_process_is_named_and_its_death_frees_the_lease()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using ChildProcess other = StartOther("append", QueueDirectory);
        other.WaitForText("appending");
        AssertTaken(queue, other.Id);
        other.Kill();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("mine now"u8);
        Assert.Equal(Environment.ProcessId, queue.GetInfo().WriterProcessId);
    }

    [Fact]
    public void A_name_in_use_is_refused_in_this_and_in_another_process()
    {
        MakeQueue(1);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory);
        using (queue.CreateTailer("mine"))
        {
            AssertInUse(queue, "mine");
        }

        using QueueTailer again = queue.CreateTailer("mine");
        using ChildProcess other = StartOther("name", QueueDirectory, "theirs");
        other.WaitForText("reading");
        AssertInUse(queue, "theirs");
        Assert.Equal(["mine", "theirs"], queue.GetInfo().Tailers.Select(t => t.Name));
        other.Kill();
        queue.CreateTailer("theirs").Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("../escape")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\0b")]
    [InlineData("tab\t")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901")]
    public void A_name_that_is_not_a_safe_file_name_is_refused(string name)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        ArgumentException error = Assert.Throws<ArgumentException>(nameof(name), () => queue.CreateTailer(name));
        Assert.Contains("100 ASCII letters", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(InQueue("tailers")));
    }

    [Fact]
    public void Disposing_the_queue_disposes_its_appender_and_tailers()
    {
        EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 5);
        QueueTailer tailer = queue.CreateTailer();
        QueueTailer named = queue.CreateTailer("name");
        Assert.True(tailer.TryRead(out _));
        Assert.True(named.TryRead(out _));
        queue.Dispose();
        queue.Dispose();
        Assert.Throws<ObjectDisposedException>(() => appender.Append("x"u8));
        Assert.Throws<ObjectDisposedException>(() => tailer.TryRead(out _));
        Assert.Throws<ObjectDisposedException>(() => named.TryRead(out _));
        Assert.Throws<ObjectDisposedException>(named.Commit);
        Assert.Throws<ObjectDisposedException>(named.SeekToStart);
        Assert.Throws<ObjectDisposedException>(named.SeekToEnd);
        Assert.Throws<ObjectDisposedException>(() => named.Seek(256));
        Assert.Throws<ObjectDisposedException>(() => queue.CreateTailer());
        Assert.Throws<ObjectDisposedException>(() => queue.CreateAppender(AppenderMode.Exclusive));
        Assert.Throws<ObjectDisposedException>(() => queue.GetInfo());
        tailer.Dispose();
        appender.Dispose();
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory);
        using QueueAppender next = again.CreateAppender(AppenderMode.Exclusive);
        again.CreateTailer("name").Dispose();
        Assert.Equal(5, next.NextSequence);
    }

    private static void AssertTaken(EstreamQueue queue, int owner)
    {
        EstreamLeaseException error = Assert.Throws<EstreamLeaseException>(() => queue.CreateAppender(AppenderMode.Exclusive));
        Assert.Equal(owner, error.OwnerProcessId);
        Assert.Contains($"process {owner}", error.Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(queue.Directory, "writer.lock"), error.Path);
        Assert.True(error.IsTransient);
    }

    private static void AssertInUse(EstreamQueue queue, string name)
    {
        EstreamLeaseException error = Assert.Throws<EstreamLeaseException>(() => queue.CreateTailer(name));
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(queue.Directory, "tailers", $"{name}.cursor"), error.Path);
    }
}
