using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A queue that was opened for reading is never written, by nobody and nowhere.</summary>
public sealed class ReadOnlyTests : QueueCase
{
    [Fact]
    public void Reading_changes_no_byte_and_no_time_of_any_file()
    {
        long messages = MakeQueue(3);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory))
        {
            queue.CreateTailer("name").Dispose();
        }

        Dictionary<string, (DateTime, string)> before = Snapshot();
        UseEverything(QueueDirectory, messages);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void Writing_through_it_is_refused()
    {
        MakeQueue(1);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.True(queue.IsReadOnly);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => queue.CreateAppender(AppenderMode.Exclusive)).Message, StringComparison.Ordinal);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => queue.CreateTailer("name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_queue_is_not_made()
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => EstreamQueue.OpenReadOnly(QueueDirectory));
        Assert.Equal(StorageFailure.NotFound, error.Reason);
        Assert.Contains(QueueDirectory, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(QueueDirectory));
    }

    [Fact]
    public void It_follows_a_writer_from_the_first_message_on()
    {
        using EstreamQueue writing = EstreamQueue.Open(QueueDirectory, Small);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.False(tailer.TryRead(out _));
        using QueueAppender appender = writing.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 0));
    }

    [MountFact]
    public void It_works_on_a_read_only_file_system()
    {
        using var disk = new TmpfsMount(4 << 20);
        string directory = disk.Combine("queue");
        long messages;
        using (EstreamQueue queue = EstreamQueue.Open(directory, Small))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            AppendSegments(appender, 2);
            queue.CreateTailer("name").Dispose();
            messages = appender.NextSequence;
        }

        disk.MakeReadOnly();
        UseEverything(directory, messages);
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => EstreamQueue.Open(directory).CreateAppender(AppenderMode.Exclusive));
        Assert.Equal(StorageFailure.AccessDenied, error.Reason);
        Assert.Equal(StorageFailure.AccessDenied, Assert.Throws<EstreamStorageException>(() => EstreamQueue.Open(disk.Combine("new"))).Reason);
        using EstreamQueue writable = EstreamQueue.Open(directory);
        Assert.Equal(StorageFailure.AccessDenied, Assert.Throws<EstreamStorageException>(() => writable.CreateTailer("name")).Reason);
    }

    private static void UseEverything(string directory, long messages)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.Equal(messages, ReadToEnd(tailer, 0));
        tailer.SeekToStart();
        tailer.Seek(256);
        tailer.SeekToEnd();
        tailer.Commit();
        Assert.False(tailer.TryRead(out _));
        Assert.Equal(messages, queue.GetInfo().NextSequence);
        Assert.Equal("name", Assert.Single(queue.GetInfo().Tailers).Name);
        Assert.True(queue.Verify().IsWhole);
    }

    private Dictionary<string, (DateTime, string)> Snapshot() =>
        Directory.EnumerateFileSystemEntries(QueueDirectory, "*", SearchOption.AllDirectories).ToDictionary(
            entry => entry,
            entry => (File.GetLastWriteTimeUtc(entry), Directory.Exists(entry) ? "" : Convert.ToHexString(File.ReadAllBytes(entry))));
}
