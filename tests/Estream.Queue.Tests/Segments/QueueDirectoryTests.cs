using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>A new queue needs a directory without files of a map, of another queue, or of another program.</summary>
public sealed class QueueDirectoryTests : QueueCase
{
    [Theory]
    [InlineData("map.meta", "contains a map")]
    [InlineData("notes.txt", "'notes.txt'")]
    [InlineData("000000000003.seg", "no 'queue.meta'")]
    [InlineData("partitions.meta", "contains a partitioned queue")]
    public void Open_refuses_a_directory_with_other_files_and_adds_none(string file, string expected)
    {
        Directory.CreateDirectory(QueueDirectory);
        File.WriteAllText(InQueue(file), "text");
        EstreamFormatException error = Assert.Throws<EstreamFormatException>(() => EstreamQueue.Open(QueueDirectory, Small));
        Assert.Equal(QueueDirectory, error.Path);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal([InQueue(file)], Directory.GetFileSystemEntries(QueueDirectory));
    }

    [Fact]
    public void A_partitioned_queue_refuses_a_directory_with_other_files()
    {
        Directory.CreateDirectory(QueueDirectory);
        File.WriteAllText(InQueue("map.meta"), "text");
        Assert.Throws<EstreamFormatException>(() => PartitionedQueue.Open(QueueDirectory, 4));
        Assert.Single(Directory.GetFileSystemEntries(QueueDirectory));
    }

    [Fact]
    public void Open_accepts_hidden_files_folders_and_what_an_interrupted_creation_left()
    {
        Directory.CreateDirectory(InQueue("lost+found"));
        foreach (string name in (string[])[".gitkeep", "create.lock", "queue.meta.new"])
        {
            File.WriteAllText(InQueue(name), "");
        }

        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender();
        appender.Append("one"u8);
        Assert.Equal(["one"], Texts(queue));
    }
}
